-- The outbox filled to its last byte by commands of falling size.
-- load: error
-- event: budget
local used = true
for size = 280, 1, -40 do
  for _ = 1, 400 do
    if not pcall(mall.world.spawn, { at = { 1, 0, 1 }, label = string.rep("x", size % 120) }) then
      break
    end
  end
end
for _ = 1, 3000 do
  if not pcall(mall.world.effect, { name = "x", at = { 1, 0, 1 } }) then
    break
  end
end
for _ = 1, 50 do
  mall.log "x"
end
