package engine

import (
	"cmp"
	"context"
	"encoding/json"
	"runtime/debug"
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/storage"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/util"
)

// maxProblems are listed at once; who fixes those sees the next.
const maxProblems = 10

type prepareRequest struct {
	Modules []Module        `json:"modules"`
	Data    json.RawMessage `json:"data"`
	// Schema is the JSON schema of the input: what it does not name cannot be asked for.
	Schema json.RawMessage `json:"schema"`
	// Removed are functions that a policy cannot name.
	Removed []string `json:"removed"`
	// MemoryBytes is where the host's limit lies.
	MemoryBytes int64 `json:"memoryBytes"`
}

type rule struct {
	Package string `json:"package"`
	Name    string `json:"name"`
	// Function: it takes arguments, so it has no value.
	Function bool `json:"function"`
	// Set: it collects values, as in `deny contains message`.
	Set bool `json:"set"`
	// Nested: its values lie deeper than the elements of a document of this name, as in `deny.high contains message`.
	Nested bool   `json:"nested"`
	File   string `json:"file"`
	Row    int    `json:"row"`
	Column int    `json:"column"`
}

type prepareAnswer struct {
	Rules []rule `json:"rules"`
	// Versions says as what each module was read.
	Versions map[string]string `json:"versions"`
}

// Prepare compiles modules and keeps them, in the place of those before.
func (e *Engine) Prepare(request []byte) any {
	*e = Engine{}
	var wanted prepareRequest
	if err := json.Unmarshal(request, &wanted); err != nil {
		return refusedFor(err)
	}
	limitMemory(wanted.MemoryBytes)
	modules := map[string]*ast.Module{}
	versions := map[string]string{}
	var problems []Problem
	for _, module := range wanted.Modules {
		parsed, err := parse(module)
		if err != nil {
			problems = append(problems, problemsOf(err)...)
			continue
		}
		modules[module.Name] = parsed
		versions[module.Name] = parsed.RegoVersion().String()
	}
	if problems != nil {
		return refusal{Problems: problems}
	}
	data := map[string]any{}
	if err := util.UnmarshalJSON(wanted.Data, &data); err != nil {
		return refusedFor(err)
	}
	store := inmem.NewFromObjectWithOpts(data, inmem.OptRoundTripOnWrite(false), inmem.OptReturnASTValuesOnRead(true))
	compiler, err := newCompiler(store, wanted)
	if err != nil {
		return refusedFor(err)
	}
	if compiler.Compile(modules); compiler.Failed() {
		return refusedFor(compiler.Errors)
	}
	e.compiler, e.store = compiler, store
	return prepareAnswer{Rules: rulesOf(compiler), Versions: versions}
}

// limitMemory makes the collector work harder before the host's limit ends everything. Until then it is to run seldom: a report is read,
// judged and forgotten.
func limitMemory(bytes int64) {
	debug.SetGCPercent(400)
	if bytes > 0 {
		debug.SetMemoryLimit(bytes / 100 * 85)
	}
}

func newCompiler(store storage.Store, wanted prepareRequest) (*ast.Compiler, error) {
	capabilities := ast.CapabilitiesForThisVersion()
	capabilities.Builtins = slices.DeleteFunc(capabilities.Builtins, func(builtin *ast.Builtin) bool {
		return slices.Contains(wanted.Removed, builtin.Name)
	})
	compiler := ast.NewCompiler().
		WithCapabilities(capabilities).
		WithEnablePrintStatements(true).
		SetErrorLimit(maxProblems).
		WithPathConflictsCheck(func(path []string) (bool, error) {
			_, err := storage.ReadOne(context.Background(), store, storage.Path(path))
			if storage.IsNotFound(err) {
				return false, nil
			}
			return err == nil, err
		})
	if len(wanted.Schema) == 0 {
		return compiler, nil
	}
	var schema any
	if err := util.UnmarshalJSON(wanted.Schema, &schema); err != nil {
		return nil, err
	}
	schemas := ast.NewSchemaSet()
	schemas.Put(ast.SchemaRootRef, schema)
	return compiler.WithSchemas(schemas), nil
}

func rulesOf(compiler *ast.Compiler) []rule {
	var rules []rule
	for _, module := range compiler.Modules {
		for _, each := range module.Rules {
			reference := each.Head.Ref()
			found := rule{
				Package:  module.Package.Path.String(),
				Name:     string(reference[0].Value.(ast.Var)),
				Function: len(each.Head.Args) > 0,
				Set:      each.Head.RuleKind() == ast.MultiValue,
			}
			found.Nested = len(reference) > 2 || found.Set && len(reference) > 1
			if at := each.Location; at != nil {
				found.File, found.Row, found.Column = at.File, at.Row, at.Col
			}
			rules = append(rules, found)
		}
	}
	slices.SortFunc(rules, func(a, b rule) int { // modules come in the order of a Go map
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Row, b.Row), cmp.Compare(a.Column, b.Column))
	})
	return rules
}
