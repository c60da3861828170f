"""What keeps a camera able to read: where to look, how often, with which exposure, and what is wrong with the picture.

Everything here is pure but `controls`, which talks to the driver, and `selftest`, which asks a decode process.
"""
