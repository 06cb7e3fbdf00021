package engine

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// maxAnswerBytes limits what the host has to parse. Ten thousand messages of a page each fit.
const maxAnswerBytes = 32 << 20

var errAnswerTooLarge = errors.New("too large")

// Encode is the answer as JSON, or that it is too large.
func Encode(result any) []byte {
	answer := &boundedBuffer{}
	encoder := json.NewEncoder(answer)
	encoder.SetEscapeHTML(false)
	switch err := encoder.Encode(result); {
	case errors.Is(err, errAnswerTooLarge):
		return Encode(Refused("answer_too_large", fmt.Sprintf("the decisions are larger than %d MiB", maxAnswerBytes>>20)))
	case err != nil:
		return Encode(Refused("engine_error", err.Error()))
	}
	return answer.Bytes()
}

type boundedBuffer struct{ bytes.Buffer }

func (b *boundedBuffer) Write(part []byte) (int, error) {
	if b.Len()+len(part) > maxAnswerBytes {
		return 0, errAnswerTooLarge
	}
	return b.Buffer.Write(part)
}
