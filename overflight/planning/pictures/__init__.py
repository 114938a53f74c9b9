"""Pictures of a plan: the path on a map, the heights below it, and what a search found when; as SVG or PNG.

matplotlib draws them, without a screen, and is imported only when a picture is asked for.  The same input gives
the same bytes.
"""

from overflight.planning.pictures.curve import Moment, value_picture
from overflight.planning.pictures.map import map_picture
from overflight.planning.pictures.profile import profile_picture

KINDS = ("svg", "png")

__all__ = ["KINDS", "Moment", "map_picture", "profile_picture", "value_picture"]
