"""A new model file takes the place of the one that answers, without a frame unanswered, once it has shown itself good.

A candidate is never opened in the process of the loop. A first child, at low priority, verifies its seal, repeats its
golden frames, and answers live frames in the shadow of the model that answers now. A second child then holds it ready:
the swap is the moment in which the loop asks that child. To open a network within the loop's own process would hold
Python's lock for several inferences (98 ms for a float InceptionV3), and a crash of native code would end the loop.
"""
