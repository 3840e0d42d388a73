package bridge

import "isthmus/queue"

// jobRunners run the jobs: those that need the XMPP stream where the stream is, the others
// in any process.
type jobRunners struct {
	stream, anywhere *queue.Jobs
	wakes            *wakes
}

// Kick says that jobs were added.
func (j *jobRunners) Kick() {
	j.kick()
	j.wakes.say(topicJobs)
}

func (j *jobRunners) kick() {
	j.stream.Kick()
	j.anywhere.Kick()
}
