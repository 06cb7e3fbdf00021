package engine

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown"
)

type evaluateRequest struct {
	Query string `json:"query"`
	// WithReport: `input` is the report that was set before; else it is undefined.
	WithReport   bool  `json:"withReport"`
	Milliseconds int64 `json:"milliseconds"`
	// Now is what `time.now_ns()` says, in milliseconds.
	Now int64 `json:"now"`
	// Strict: an error inside of a function ends the evaluation; else the expression is undefined.
	Strict bool `json:"strict"`
}

type evaluateAnswer struct {
	// Rows are the bindings of the query's variables, for each way to satisfy it.
	Rows   []map[string]any `json:"rows"`
	Prints []string         `json:"prints"`
}

// Evaluate answers a query, and forgets the report.
func (e *Engine) Evaluate(request []byte) any {
	input := e.input
	e.input = nil
	var wanted evaluateRequest
	if err := json.Unmarshal(request, &wanted); err != nil {
		return refusedFor(err)
	}
	if e.compiler == nil {
		return Refused("engine_error", "nothing was prepared")
	}
	if !wanted.WithReport {
		input = nil
	}
	body, err := ast.ParseBodyWithOpts(wanted.Query, ast.ParserOptions{RegoVersion: ast.RegoV1})
	if err != nil {
		return refusedFor(err)
	}
	queryCompiler := e.compiler.QueryCompiler()
	compiled, err := queryCompiler.Compile(body)
	if err != nil {
		return refusedFor(err)
	}
	context := context.Background()
	transaction, err := e.store.NewTransaction(context)
	if err != nil {
		return refusedFor(err)
	}
	defer e.store.Abort(context, transaction)

	deadline := newDeadline(time.Duration(wanted.Milliseconds) * time.Millisecond)
	prints := &printer{}
	query := topdown.NewQuery(compiled).
		WithCompiler(e.compiler).
		WithQueryCompiler(queryCompiler).
		WithStore(e.store).
		WithTransaction(transaction).
		WithCancel(deadline).
		WithTime(time.UnixMilli(wanted.Now)).
		WithSeed(rand.NewChaCha8([32]byte{})). // the same random numbers every time give the same decision
		WithPrintHook(prints).
		WithStrictBuiltinErrors(wanted.Strict)
	if input != nil {
		query = query.WithInput(input)
	}
	rows := []map[string]any{}
	err = query.Iter(context, func(result topdown.QueryResult) error {
		row, err := bindings(result, queryCompiler.RewrittenVars())
		rows = append(rows, row)
		return err
	})
	if topdown.IsCancel(err) {
		return Refused("evaluation_timeout", "not done in time")
	}
	if err != nil {
		return refusedFor(err)
	}
	return evaluateAnswer{Rows: rows, Prints: prints.lines}
}

// bindings are the variables of the query by the names that it gave them, without those that the compiler made.
func bindings(result topdown.QueryResult, rewritten map[ast.Var]ast.Var) (map[string]any, error) {
	row := map[string]any{}
	for name, term := range result {
		if original, ok := rewritten[name]; ok {
			name = original
		}
		if name.IsWildcard() || name.IsGenerated() {
			continue
		}
		value, err := ast.JSON(term.Value)
		if err != nil {
			return nil, err
		}
		row[string(name)] = value
	}
	return row, nil
}
