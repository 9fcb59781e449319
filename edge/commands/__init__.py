"""The commands of the device, one file each; each has a `main(arguments) -> exit code`."""
