-- Fills memory nearly, then raises an error whose report needs memory.
-- load: memory
-- event: memory
keep = keep or {}
for _, size in ipairs { 1 << 19, 1 << 16, 1 << 12, 1 << 8, 1 << 5 } do
  while pcall(function()
    keep[#keep + 1] = string.rep("x", size) .. #keep
  end) and #keep < 100000 do
  end
end
error(string.rep("e", 2000))
