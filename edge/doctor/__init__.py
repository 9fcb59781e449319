"""What a device has: one file per thing looked at, each with its facts and a pure function that judges them."""
