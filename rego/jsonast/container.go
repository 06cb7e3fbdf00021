package jsonast

import "github.com/open-policy-agent/opa/v1/ast"

func (d *decoder) array() *ast.Term {
	if !d.enter(']') {
		return d.leave(ast.ArrayTerm())
	}
	base := len(d.elements)
	for d.depth <= maxDepth {
		element := d.value()
		if element == nil {
			return nil
		}
		d.elements = append(d.elements, element)
		switch d.separator() {
		case ',':
			continue
		case ']':
			elements := append([]*ast.Term(nil), d.elements[base:]...)
			clear(d.elements[base:])
			d.elements = d.elements[:base]
			return d.leave(&ast.Term{Value: ast.NewArray(elements...)})
		}
		return nil
	}
	return nil
}

func (d *decoder) object() *ast.Term {
	if !d.enter('}') {
		return d.leave(ast.ObjectTerm())
	}
	base := len(d.members)
	for d.depth <= maxDepth {
		if d.next() != '"' {
			return nil
		}
		key := d.string()
		if key == nil || d.separator() != ':' {
			return nil
		}
		value := d.value()
		if value == nil {
			return nil
		}
		d.members = append(d.members, [2]*ast.Term{key, value})
		switch d.separator() {
		case ',':
			continue
		case '}':
			object := ast.NewObject(d.lastOfEach(d.members[base:])...)
			clear(d.members[base:])
			d.members = d.members[:base]
			return d.leave(&ast.Term{Value: object})
		}
		return nil
	}
	return nil
}

// enter consumes the opening bracket, and the closing one too if nothing is between them: then it is false.
func (d *decoder) enter(closing byte) bool {
	d.at++
	d.depth++
	if d.next() == closing {
		d.at++
		return false
	}
	return true
}

func (d *decoder) leave(term *ast.Term) *ast.Term {
	d.depth--
	return term
}

// separator consumes the next byte after white space.
func (d *decoder) separator() byte {
	c := d.next()
	d.at++
	return c
}

// lastOfEach lets the last of equal keys win, as encoding/json does. ast.NewObject would keep all of them.
func (d *decoder) lastOfEach(members [][2]*ast.Term) [][2]*ast.Term {
	clear(d.places)
	kept := members[:0]
	for _, member := range members {
		if at, ok := d.places[member[0].Value]; ok {
			kept[at] = member
			continue
		}
		d.places[member[0].Value] = len(kept)
		kept = append(kept, member)
	}
	return kept
}
