-- Functions of mall replaced by loops, then used.
-- load: ok
-- event: ok
if not mall then
  return
end
local log = mall.log
mall.random = function()
  log "ESCAPED inner call"
end
mall.board.submit = function()
  log "ESCAPED inner call of board.submit"
end
mall.on = nil
mall.world.spawn = nil
mall = nil
