-- Loops made of jumps back, also out of blocks and past labels of the same name in a function.
-- load: budget
-- event: budget
local n = 0
::top::
n = n + 1
do
  local f = function()
    do
      goto top
    end
    ::top::
  end
  f()
  if n % 2 == 0 then
    goto top
  else
    goto top
  end
end
