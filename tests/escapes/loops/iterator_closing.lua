-- A generic for with a closing value that loops.
-- load: budget
-- event: budget
for i in next, { 1 }, nil, setmetatable({}, { __close = function()
  while true do end
end }) do
  local _ = i
end
