# Names for the scripts, for those who have make; the scripts work without it.
PYTHON := .venv/bin/python

.PHONY: setup run test film-test lint bench bench-scan faults fault-steps fuzz fuzz-api demo film screenshots soak vendor tablet-test

setup:  ## install what Gatehouse needs
	scripts/setup

run:  ## run an office and a gate on this machine
	scripts/run

test:  ## install what the tests need and pass them all
	scripts/test

tablet-test:  ## thirty people scan at the tablet, one after the other (three minutes)
	scripts/setup dev
	$(PYTHON) -m pytest -m slow tests/web/tablet

film-test:  ## ten minutes, two queues, two hundred people before one camera: nobody missed, nobody twice
	scripts/setup dev
	$(PYTHON) -m pytest -m slow tests/kiosk/test_queues.py

lint:  ## style, types, import directions
	scripts/setup dev
	scripts/lint

bench:  ## speeds as ratios to the raw limit, measured in this run
	scripts/setup dev
	$(PYTHON) -m tests.bench

bench-scan:  ## the ladder beside every single reader, over pictures, drawn sweeps, empty frames and colours
	scripts/setup dev
	$(PYTHON) -m tests.bench.scan --sweeps

faults:  ## a thousand random histories of gate, line and office; HISTORIES=n for another number
	scripts/setup dev
	$(PYTHON) -m tests.faults

fault-steps:  ## kill -9 at every single step of everything at both ends, the power cut at every single write
	scripts/setup dev
	$(PYTHON) -m tests.faults.kills
	$(PYTHON) -m pytest -m slow tests/faults

fuzz:  ## five minutes of hostile codes and five of hostile pictures; FUZZ_S=60 for another time
	scripts/setup dev
	$(PYTHON) -m tests.fuzz

fuzz-api:  ## the office's API: five hundred examples of every property, drawn anew; EXAMPLES=n for another number
	scripts/setup dev
	GATEHOUSE_EXAMPLES=$${EXAMPLES:-500} $(PYTHON) -m pytest --timeout 3600 tests/web/api tests/sync/test_protocol_messages.py

soak:  ## fourteen days without a network, then a million events of two hundred gates: real processes, half an hour
	scripts/setup dev
	$(PYTHON) -m tests.soak

demo:  ## fill the local office with demo settings, marked as such
	scripts/setup
	$(PYTHON) -m sync.office demo

film:  ## draw the bundled film again
	$(PYTHON) -m kiosk film kiosk/film/demo.mp4 --script kiosk/film/demo.toml

screenshots:  ## take the pictures in docs/ again
	scripts/setup dev
	$(PYTHON) -m tests.screenshots

vendor:  ## fetch the browser libraries again (needs Node.js)
	scripts/vendor
