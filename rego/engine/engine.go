// Package engine prepares policies and evaluates queries with OPA.
package engine

import (
	"encoding/json"
	"fmt"

	"rego-engine/jsonast"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/storage"
)

// Engine holds one prepared set of modules, and one report until it is judged.
type Engine struct {
	compiler *ast.Compiler
	store    storage.Store
	input    *ast.Term
}

type reportAnswer struct {
	// OperatingSystem is the report's Metadata.OS as it stands there, whatever it is.
	OperatingSystem any `json:"operatingSystem"`
}

var (
	operatingSystem = ast.InternedTerm("OS")
	whereItStands   = ast.Ref{ast.InternedTerm("Metadata"), operatingSystem}
)

// SetReport reads the input of the next evaluation. The host sets the top-level `OS`, so that of the report is dropped.
func (e *Engine) SetReport(report []byte) any {
	e.input = nil
	value, err := jsonast.Decode(report)
	if err != nil {
		return Refused("report_invalid", err.Error())
	}
	e.input = ast.NewTerm(value)
	object, ok := value.(ast.Object)
	if !ok {
		return reportAnswer{}
	}
	if object.Get(operatingSystem) != nil {
		e.input = ast.NewTerm(without(object, operatingSystem))
	}
	found, err := object.Find(whereItStands)
	if err != nil {
		return reportAnswer{}
	}
	plain, err := ast.JSON(found)
	if err != nil {
		return refusedFor(err)
	}
	return reportAnswer{OperatingSystem: plain}
}

// SetOperatingSystem puts `OS` into the report; null adds nothing.
func (e *Engine) SetOperatingSystem(request []byte) any {
	var facts map[string]string
	if err := json.Unmarshal(request, &facts); err != nil {
		return refusedFor(err)
	}
	if e.input == nil {
		return Refused("engine_error", "no report was set")
	}
	object, ok := e.input.Value.(ast.Object)
	if !ok {
		return Refused("report_invalid", fmt.Sprintf("the report is JSON of the type %s, allowed: object", ast.ValueName(e.input.Value)))
	}
	if facts != nil {
		value := ast.NewObject()
		for name, text := range facts {
			value.Insert(ast.StringTerm(name), ast.StringTerm(text))
		}
		object.Insert(operatingSystem, ast.NewTerm(value))
	}
	return struct{}{}
}

func without(object ast.Object, key *ast.Term) ast.Object {
	pairs := make([][2]*ast.Term, 0, object.Len())
	object.Foreach(func(name, value *ast.Term) {
		if !name.Equal(key) {
			pairs = append(pairs, [2]*ast.Term{name, value})
		}
	})
	return ast.NewObject(pairs...)
}
