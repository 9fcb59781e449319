"""The proof repeated where the model runs: the golden frames inside a file, answered anew and compared."""
