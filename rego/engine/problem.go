package engine

import (
	"errors"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown"
)

// Problem is what OPA says is wrong, and where.
type Problem struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	File    string `json:"file,omitempty"`
	Row     int    `json:"row,omitempty"`
	Column  int    `json:"column,omitempty"`
}

type refusal struct {
	Problems []Problem `json:"problems"`
}

// Refused is the answer to a request that cannot be handled.
func Refused(code, message string) any {
	return refusal{Problems: []Problem{{Code: code, Message: message}}}
}

func refusedFor(err error) any { return refusal{Problems: problemsOf(err)} }

func problemsOf(err error) []Problem {
	var list ast.Errors
	var single *ast.Error
	var evaluation *topdown.Error
	switch {
	case errors.As(err, &evaluation): // first: it may wrap one of the others
		return []Problem{located(evaluation.Code, evaluation.Message, evaluation.Location)}
	case errors.As(err, &list):
		problems := make([]Problem, 0, len(list))
		for _, each := range list {
			problems = append(problems, compileProblem(each))
		}
		return problems
	case errors.As(err, &single):
		return []Problem{compileProblem(single)}
	}
	return []Problem{{Code: "engine_error", Message: err.Error()}}
}

func compileProblem(err *ast.Error) Problem {
	message := err.Message
	if err.Details != nil {
		message = strings.Join(append([]string{message}, err.Details.Lines()...), "\n")
	}
	return located(err.Code, message, err.Location)
}

func located(code, message string, at *ast.Location) Problem {
	problem := Problem{Code: code, Message: message}
	if at != nil {
		problem.File, problem.Row, problem.Column = at.File, at.Row, at.Col
	}
	return problem
}
