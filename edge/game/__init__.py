"""Rock, paper, scissors against the computer: pure rules, driven by labels and times that are passed in."""
