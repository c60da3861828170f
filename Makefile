# Names for the scripts, for those who have make; the scripts work without it.
PYTHON := .venv/bin/python

.PHONY: setup run test lint bench demo film screenshots vendor

setup:  ## install what Gatehouse needs
	scripts/setup

run:  ## run an office and a gate on this machine
	scripts/run

test:  ## install what the tests need and pass them all
	scripts/test

lint:  ## style, types, import directions
	scripts/setup dev
	scripts/lint

bench:  ## speeds as ratios to the raw limit, measured in this run
	scripts/setup dev
	$(PYTHON) -m tests.bench

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
