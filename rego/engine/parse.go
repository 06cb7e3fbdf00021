package engine

import (
	"errors"

	"github.com/open-policy-agent/opa/v1/ast"
)

// Module is a policy file. Version is v0, v1, or empty for whichever of the two can be read.
type Module struct {
	Name    string `json:"name"`
	Source  string `json:"source"`
	Version string `json:"version"`
}

func parse(module Module) (*ast.Module, error) {
	switch module.Version {
	case "v0":
		return parseAs(module, ast.RegoV0)
	case "v1":
		return parseAs(module, ast.RegoV1)
	}
	parsed, newer := parseAs(module, ast.RegoV1)
	if newer == nil {
		return parsed, nil
	}
	parsed, older := parseAs(module, ast.RegoV0)
	if older == nil {
		return parsed, nil
	}
	if firstRow(older) > firstRow(newer) { // the version that got further into the file is the one that was meant
		return nil, older
	}
	return nil, newer
}

func parseAs(module Module, version ast.RegoVersion) (*ast.Module, error) {
	parsed, err := ast.ParseModuleWithOpts(module.Name, module.Source, ast.ParserOptions{RegoVersion: version, ProcessAnnotation: true})
	if err == nil && parsed == nil {
		return nil, ast.NewError(ast.ParseErr, ast.NewLocation(nil, module.Name, 1, 1), "empty module")
	}
	return parsed, err
}

func firstRow(err error) int {
	var list ast.Errors
	if errors.As(err, &list) && len(list) > 0 && list[0].Location != nil {
		return list[0].Location.Row
	}
	return 0
}
