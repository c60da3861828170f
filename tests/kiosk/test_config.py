"""kiosk.toml is read once, strictly, and every problem is named at once."""

from pathlib import Path
from typing import get_args

import pytest

from kiosk.config import Camera, load
from kiosk.devices.readers import SYMBOLOGIES
from kiosk.errors import ConfigError


def write(folder: Path, text: str) -> Path:
    path = folder / "kiosk.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_shipped_file_is_valid():
    settings = load(Path(__file__).parents[2] / "kiosk.toml")
    assert [lane.name for lane in settings.lane] == ["1", "tablet"]


def test_all_problems_are_named_in_one_message(tmp_path):
    path = write(
        tmp_path, '[gate]\ncamra = 1\n[sync]\ninterval_s = 0\nintervall = 3\n[[lane]]\nname = "1"\nkind = "x"\n'
    )
    with pytest.raises(ConfigError) as caught:
        load(path)
    text = str(caught.value)
    for part in (
        "[gate] missing 'name'",
        "[gate] unknown 'camra'",
        "interval_s",
        "unknown 'intervall'",
        "[lane] #1 kind",
    ):
        assert part in text
    assert all(line.startswith("kiosk.toml: ") for line in text.splitlines())


def test_a_file_that_is_not_toml_says_where(tmp_path):
    with pytest.raises(ConfigError, match="line 2"):
        load(write(tmp_path, "[gate]\nname = \n"))


def test_a_missing_file_says_how_to_name_another(tmp_path):
    with pytest.raises(ConfigError, match="--config"):
        load(tmp_path / "nowhere.toml")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[gate]\nname="a"\n[[lane]]\nname="1"\n[[lane]]\nname="1"\n', "lane names must differ: 1"),
        ('[gate]\nname="a"\ntimezone="Mars/Base"\n', "unknown time zone 'Mars/Base'"),
        ('[gate]\nname="a"\n[web]\nlisten="8600"\n', "listen"),
        (
            '[gate]\nname="a"\n[[lane]]\nname="1"\nzone=[0.6,0,0.5,1]\n',
            r"zone: a zone is .* for example \[0.5, 0, 0.5, 1\]",
        ),
        ('[gate]\nname="a"\n[[lane]]\nname="1"\ncheck_in=true\n', r'#1 check_in: only with kind = "scanner"'),
        ('[gate]\nname="a"\n[camera]\nexposure="bright"\n', "exposure: auto, code or a number"),
        ('[gate]\nname="a"\n[camera]\ngain=-1\n', "gain: auto or a number"),
        ('[gate]\nname="a"\n[camera]\nmains_hz=55\n', "mains_hz"),
        ('[gate]\nname="a"\n[camera]\nidle_fps=1\n', "idle_fps"),
        ('[gate]\nname="a"\n[camera]\nsymbologies=["code-128"]\n', "symbologies"),
        ('lane = []\n[gate]\nname="a"\n', "at least one"),
    ],
)
def test_values_that_cannot_be_meant_are_refused(tmp_path, text, words):
    with pytest.raises(ConfigError, match=words):
        load(write(tmp_path, text))


def test_the_environment_wins_over_the_file(tmp_path, monkeypatch):
    monkeypatch.setenv("GATEHOUSE_SYNC__INTERVAL_S", "30")
    settings = load(write(tmp_path, '[gate]\nname="东门"\n[sync]\ninterval_s = 90\nbatch = 7\n'))
    assert (settings.sync.interval_s, settings.sync.batch) == (30, 7)


def test_an_environment_value_that_is_wrong_is_a_clear_error(tmp_path, monkeypatch):
    monkeypatch.setenv("GATEHOUSE_SYNC__INTERVAL_S", "soon")
    with pytest.raises(ConfigError, match="interval_s"):
        load(write(tmp_path, '[gate]\nname="东门"\n'))


def test_paths_are_taken_from_the_file_wherever_the_command_runs(tmp_path, monkeypatch):
    lanes = [f'[[lane]]\nname="{n}"\ncamera={camera}\n' for n, camera in enumerate(('"film.mp4"', '"auto"', "0"))]
    lanes.append('[[lane]]\nname="rtsp"\ncamera="rtsp://gate/1"\n')
    path = write(tmp_path, '[gate]\nname="东门"\npolicy="own.toml"\n' + "".join(lanes))
    monkeypatch.chdir("/")
    settings = load(path)
    assert (settings.gate.var, settings.gate.policy) == (tmp_path / "var", tmp_path / "own.toml")
    assert [lane.camera for lane in settings.lane] == [str(tmp_path / "film.mp4"), "auto", 0, "rtsp://gate/1"]


def test_exposure_is_a_word_or_milliseconds(tmp_path):
    for given, meant in {'"code"': "code", "8": 8.0, '"8.5"': 8.5}.items():
        assert load(write(tmp_path, f'[gate]\nname="a"\n[camera]\nexposure={given}\n')).camera.exposure == meant


def test_only_qr_codes_are_read_unless_others_are_asked_for(tmp_path):
    assert load(write(tmp_path, '[gate]\nname="a"\n')).camera.symbologies == ("qr",)
    settings = load(write(tmp_path, '[gate]\nname="a"\n[camera]\nsymbologies=["qr", "aztec"]\n'))
    assert settings.camera.symbologies == ("qr", "aztec")
    assert {*get_args(get_args(Camera.model_fields["symbologies"].annotation)[0])} == {*SYMBOLOGIES}


def test_residents_check_in_alone_at_a_tablet_and_where_a_scanner_has_a_screen(tmp_path):
    lanes = ('kind="tablet"', 'kind="scanner"', 'kind="scanner"\ncheck_in=true', 'kind="camera"')
    text = "".join(f'[[lane]]\nname="{number}"\n{lane}\n' for number, lane in enumerate(lanes))
    settings = load(write(tmp_path, '[gate]\nname="a"\n' + text))
    assert [lane.alone for lane in settings.lane] == [True, False, True, False]
