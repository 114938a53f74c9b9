"""Files that this part writes hold to the JSON Schemas that it publishes."""

import json
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import numpy as np
import pytest

import overflight
from overflight.imagery.camera import Camera
from overflight.imagery.frames import COLUMNS, NEEDED, Frame
from overflight.imagery.process import decode_picture
from overflight.imagery.stac import Asset, geometry_of, make_item
from overflight.rules.sensors import frame_is_taken_at_minimum_height

SCHEMAS = Path(overflight.__file__).parent / "terms" / "schemas"
CAMERA = Camera("AFA-41-10", 100.0, 60, 60, 3.0, certified_h_min_m=1500.0, certificate="exercise value")
FRAME = Frame("a b.png", datetime(2021, 5, 19, 6, 30, tzinfo=UTC), 37.0, 55.0, 2650.0, 2500.0, 15.0, 45.0)


def holds(name: str, value: object) -> None:
    schema = json.loads((SCHEMAS / f"{name}.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(value, schema, jsonschema.Draft202012Validator)


def item(camera: Camera = CAMERA, exercise: str | None = None) -> dict:
    import io

    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(np.zeros((60, 60), np.uint8)).save(out, "PNG")
    picture = decode_picture(out.getvalue(), "a b.png")
    finding = frame_is_taken_at_minimum_height(
        sensor=camera.id, height_agl_m=2500.0, height_error_m=15.0, certified_h_min_m=camera.certified_h_min_m
    )
    files = [Asset(c * 64, 1, "image/png", "a b.png") for c in "abc"]
    made = make_item(
        frame=FRAME, camera=camera, picture=picture, geometry=geometry_of(FRAME, camera, picture, 150.0),
        flight="OS1901", observing="DEU", observed="RUS", height_agl_m=2500.0, height_error_m=15.0,
        height_source="given", findings=(finding,), original=files[0], cog=files[1], thumbnail=files[2],
        exercise=exercise,
    )  # fmt: skip
    made["assets"]["sidecar"] = made["assets"]["original"]
    return made


def test_a_camera_holds_to_its_schema_and_a_wrong_one_does_not():
    holds("camera", CAMERA.to_json())
    holds("camera", Camera("X", 100.0, 60, 60, 3.0).to_json())
    with pytest.raises(jsonschema.ValidationError):
        holds("camera", {**CAMERA.to_json(), "focal_mm": 0})


def test_the_schema_of_frames_names_the_columns_of_the_table():
    schema = json.loads((SCHEMAS / "frames.json").read_text("utf-8"))
    assert list(schema["properties"]) == list(COLUMNS)
    assert schema["required"] == list(NEEDED)
    holds("frames", FRAME.to_row())


def test_an_item_holds_to_its_schema_with_and_without_certificate_and_exercise():
    holds("image", item())
    holds("image", item(Camera("AFA-41-10", 100.0, 60, 60, 3.0), "EXERCISE EXERCISE EXERCISE"))
    spoilt = item()
    del spoilt["properties"]["oskies:findings"]
    with pytest.raises(jsonschema.ValidationError):
        holds("image", spoilt)


def test_an_id_keeps_to_letters_that_a_path_and_an_address_allow():
    assert item()["id"] == "OS1901-AFA-41-10-a-b"


def test_exercise_words_stand_in_the_item_of_an_exercise_only():
    assert "oskies:exercise" not in item()["properties"]
    assert item(exercise="EXERCISE EXERCISE EXERCISE")["properties"]["oskies:exercise"].startswith("EXERCISE")
