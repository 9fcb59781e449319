"""One archive for a device without a network: the model, the packages for exactly that device, and an installer."""
