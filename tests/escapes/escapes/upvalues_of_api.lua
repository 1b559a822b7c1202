-- Functions of the API given where handles belong.
-- load: ok
-- event: ok
for _, f in ipairs { mall.log, mall.after, mall.world.spawn, print, pcall } do
  pcall(mall.ui.toast, f, "x")
  pcall(mall.world.spawn, f)
  pcall(mall.board.submit, f, f, f)
  pcall(mall.log, f)
end
