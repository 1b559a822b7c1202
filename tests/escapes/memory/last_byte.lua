-- Fills memory to the last byte, with pieces that grow smaller.
-- load: budget|memory
-- event: budget|memory
local t = {}
local size = 1 << 20
while size >= 1 do
  while pcall(function()
    t[#t + 1] = string.rep("x", size) .. #t
  end) do
  end
  size = size // 2
end
local x = {}
while true do
  x = { x }
end
