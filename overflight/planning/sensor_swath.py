"""How wide a strip a sensor sees from a height above ground."""

from __future__ import annotations

import math

from overflight.errors import BadInput
from overflight.planning.request_values import WIDEST_SWATH_KM
from overflight.terms.words import say
from overflight.treaty.equipment import Sensor


def swath_km(sensor: Sensor, height_agl_m: float) -> float:
    """Full width on level ground, kilometres, of a sensor that looks straight down.

    From the frame's width across the path and the focal length where the table has both, else from the
    field of view.

    Raises
    ------
    BadInput
        If the table holds neither, or the view is wider than this software plans with.
    """
    if sensor.frame_mm is not None and sensor.focal_length_mm:
        share = sensor.frame_mm[1] / sensor.focal_length_mm
    else:
        degrees = _degrees(sensor.field_of_view)
        if degrees is None:
            raise BadInput(
                say("no field of view of {sensor} is known; give --swath-km instead", sensor=sensor.id),
                field="--sensor",
            )
        share = 2 * math.tan(math.radians(degrees) / 2)
    wide = share * height_agl_m / 1000
    if not 0 < wide <= WIDEST_SWATH_KM:
        raise BadInput(
            say(
                "{sensor} would see {wide:.0f} km from {h:g} m; give --swath-km",
                sensor=sensor.id,
                wide=wide,
                h=height_agl_m,
            ),
            field="--sensor",
        )
    return wide


def _degrees(text: str) -> float | None:
    try:
        found = float(text)
    except ValueError:
        return None
    return found if 0 < found < 179 else None
