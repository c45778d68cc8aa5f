class_name RapportReactionSignals
extends RefCounted
## The signals of one reaction of a [RapportReactor]; [method RapportReactor.on] gives it.

## It has begun. [param strength] is 0 ... 1.
@warning_ignore("unused_signal") signal began(strength: float, reaction: RapportReaction)
## Its strength has changed.
@warning_ignore("unused_signal") signal updated(strength: float, reaction: RapportReaction)
## It has ended.
@warning_ignore("unused_signal") signal ended(reaction: RapportReaction)

## Whether it goes on.
var active := false
## How strong it is, 0 ... 1; 0 while it does not go on.
var strength := 0.0
