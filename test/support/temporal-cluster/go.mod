// The sources of Temporal's cluster server that `npm run chaos` builds. go.sum holds the hash of every module.
module plumbline/temporal-cluster

go 1.25.0

require go.temporal.io/server v1.29.1
