"""The kinds of arrays that are named in many places; vectors of texts are in `nlp.documents`."""

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
