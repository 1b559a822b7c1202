-- gsub in gsub in gsub, down the C stack.
-- load: budget|memory
-- event: budget|memory
local function f(s)
  return (string.gsub(s, ".", function(c)
    return f(c)
  end))
end
while true do
  pcall(f, "a")
end
