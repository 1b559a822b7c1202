-- Coroutines that close themselves, with a __close that loops.
-- load: budget
-- event: budget
while true do
  local c
  c = coroutine.create(function()
    local x <close> = setmetatable({}, { __close = function()
      while true do end
    end })
    coroutine.close(c)
    return x
  end)
  coroutine.resume(c)
end
