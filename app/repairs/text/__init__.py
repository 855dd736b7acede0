"""What somebody says about a repair, read: emergencies by rules first, then the likeliest answers.

normalise reads the words, patterns finds word patterns in them, tripwires decides about danger, ranking finds
the likeliest leaves of the tree, triage puts both together, choosing writes down what an officer made of it.
The words that all of it knows are data: resources/repairs/tripwires.json and words.json.
"""
