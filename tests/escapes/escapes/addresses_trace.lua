-- An error from deep calls: the trace that the host gets must hold no address.
-- load: error
-- event: error
local function f(n)
  if n == 0 then
    local _ = ({}) + 1
  end
  f(n - 1)
end
f(20)
