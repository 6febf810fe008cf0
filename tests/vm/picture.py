"""Is there something on a picture of a screen?"""

from PIL import Image

# A row of text has more of them; a dark screen, and one with a cursor alone, has less.
BRIGHT_PIXELS = 2000


def bright_pixels(path):
    with Image.open(path) as picture:
        return sum(picture.convert("L").histogram()[64:])
