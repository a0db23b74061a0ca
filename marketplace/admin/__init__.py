"""The market's own desk: people and roles, dated rules, the audit trail, jobs, the component gallery."""
