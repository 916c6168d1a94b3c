"""Gold: stays, evidence and results of every person, and what of them may be published."""
