"""The web page: what the camera sees and what the model says, for browsers and for programs that speak HTTP.

How a picture gets to a viewer decides how old it is there. A stream that is pushed fills the buffers between the device
and a slow viewer, megabytes of them, and shows what was seconds ago. So nothing is pushed: a viewer asks for the
picture after the one it has (`/next?after=N`) and gets the newest there is, together with its answer, when the last one
has arrived. It paces itself, and it can never lag by more than one picture. Where a program wants a stream
(`/stream.mjpg`), a viewer that is slow misses pictures instead of queueing them.

The loop pays for none of this: it copies a frame only where a viewer waits for one and the last was long enough ago.
One thread encodes it, once for all viewers, and another one serves them.
"""
