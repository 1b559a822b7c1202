-- A chunk name that forges another file and line.
-- load: error
-- event: error
load("error 'forged'", "@/etc/passwd\n:1: sandbox.hung: x")()
