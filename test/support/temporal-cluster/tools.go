//go:build tools

// Package tools names what is built, so that go.sum holds what it needs.
package tools

import (
	_ "go.temporal.io/server/cmd/server"
	_ "go.temporal.io/server/cmd/tools/sql"
)
