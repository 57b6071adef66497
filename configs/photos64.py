"""A recipe for a folder of the user's own pictures, at 64x64 pixels; see photos32.

zoo train --config=photos64 --set=data.name=folder:DIR
"""

import dataclasses

from configs import photos32, schema


def experiment() -> schema.Experiment:
    small = photos32.experiment()
    return dataclasses.replace(
        small, name="photos64", data=dataclasses.replace(small.data, size=(64, 64))
    )
