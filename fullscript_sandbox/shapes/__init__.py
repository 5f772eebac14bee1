"""How records look on the wire, in answers and in events: one function for each shape.

Every shape is a TypedDict, so that mypy holds the functions to it, and /openapi.json is made from the same
types. Keys stand in the order of the vendor's examples.
"""
