package engine

import "time"

// deadline cancels from inside, since WebAssembly has one thread and no signals: OPA calls it at every step.
type deadline struct {
	until time.Time
	asked uint
	over  bool
}

// looksEvery is the number of calls between two reads of the clock, which is the host's and slow.
const looksEvery = 1 << 10

func newDeadline(after time.Duration) *deadline { return &deadline{until: time.Now().Add(after)} }

func (d *deadline) Cancel() { d.over = true }

func (d *deadline) Cancelled() bool {
	if d.asked++; !d.over && d.asked%looksEvery == 0 {
		d.over = time.Now().After(d.until)
	}
	return d.over
}
