-- A leak of 200 KB at each tick.
-- load: ok
-- event: memory
leak = leak or {}
leak[#leak + 1] = string.rep("x", 200000) .. #leak
