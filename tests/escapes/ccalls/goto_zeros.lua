-- Slow comparisons in a loop of jumps back, with a nearer label of the same name in another block.
-- load: budget
-- event: budget
local a = string.rep("\0", 400000)
local b = a .. "b"
a = a .. "a"
for _ = 1, 20000 do end
local x
do
  ::top::
  x = { a < b, a < b, a < b, a < b }
  local f = function()
    do
      ::top::
    end
  end
  goto top
end
