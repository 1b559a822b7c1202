-- A __close that raises, in coroutines that are closed without end.
-- load: budget
-- event: budget
while true do
  local c = coroutine.create(function()
    local x <close> = setmetatable({}, { __close = function()
      error("x")
    end })
    coroutine.yield(x)
  end)
  coroutine.resume(c)
  coroutine.close(c)
end
