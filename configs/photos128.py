"""A recipe for a folder of the user's own pictures, at 128x128 pixels; see photos32.

zoo train --config=photos128 --set=data.name=folder:DIR
"""

import dataclasses

from configs import photos32, schema


def experiment() -> schema.Experiment:
    small = photos32.experiment()
    game = small.game.options
    # five levels whose channels double to the last, four of which are the paper's
    wide = {name: game[name].replace(most=16) for name in ("generator", "critic")}
    return dataclasses.replace(
        small,
        name="photos128",
        data=dataclasses.replace(small.data, size=(128, 128)),
        game=small.game.replace(**wide),
    )
