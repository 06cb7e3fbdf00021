package engine

import (
	"fmt"
	"strings"

	"github.com/open-policy-agent/opa/v1/topdown/print"
)

const (
	maxPrints     = 200
	maxPrintBytes = 1000
)

// printer keeps what `print` says, up to a limit: it is for whoever writes the policy.
type printer struct{ lines []string }

func (p *printer) Print(context print.Context, text string) error {
	if len(p.lines) >= maxPrints {
		return nil
	}
	if len(text) > maxPrintBytes {
		text = strings.ToValidUTF8(text[:maxPrintBytes], "") + "..."
	}
	if at := context.Location; at != nil {
		text = fmt.Sprintf("%s:%d: %s", at.File, at.Row, text)
	}
	p.lines = append(p.lines, text)
	return nil
}
