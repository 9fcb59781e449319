from __future__ import annotations

from edgeproof.edge.contract import Activation, Color, Contract, ImageInput, ModelOutput, Resize
from edgeproof.export.options import Described


def contract(color: Color) -> Contract:
    spec = ImageInput(8, 9, 1 if color is Color.GRAY else 3, color, Resize.CENTER_CROP, range=(-1.0, 1.0))
    return Contract("other", spec, ModelOutput(Activation.SOFTMAX, ("a", "b")))


def test_what_was_not_said_is_taken_from_another_contract() -> None:
    taken = Described().completed(contract(Color.BGR))
    assert taken == Described(("a", "b"), (-1.0, 1.0), Resize.CENTER_CROP, Color.BGR)


def test_what_was_said_stays() -> None:
    said = Described("x,y", (0.0, 1.0), Resize.STRETCH, Color.RGB, (4, 4), Activation.SIGMOID)
    assert said.completed(contract(Color.BGR)) == said


def test_gray_is_no_order_to_take() -> None:
    assert Described().completed(contract(Color.GRAY)).color is None
