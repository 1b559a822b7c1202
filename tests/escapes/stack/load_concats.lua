-- A long chain of concats in loaded text.
-- load: error
-- event: error
local f, e = load("local a = 'x' return " .. string.rep("a..", 4000) .. "a")
if not f then
  error(e)
end
f()
