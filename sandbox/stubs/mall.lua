---@meta
-- Annotations of the Lua API for the Lua language server. Positions are metres from the south-west corner, y up.

---@alias Position number[] {x, y, z}
---@alias Scalar string|number|boolean
---@alias Capability "world.build"|"ui"|"store"|"board"|"match"|"chat.say"|"chat.listen"|"avatar.move"|"avatar.emote"|"avatar.effect"|"bus"|"reward.claim"

---@class mall
---@field features table<string, integer> parts of the API and their levels
---@field settings table<string, Scalar> what the holder of the parcel chose; read only
---@field parcel mall.Parcel
mall = {}

---@class mall.Handler
---@class mall.Timer

---Declares a handler; only while the package loads.
---@overload fun(event: "start", fn: fun()): mall.Handler
---@overload fun(event: "stop", fn: fun(reason: string)): mall.Handler
---@overload fun(event: "tick", fn: fun(dt: number)): mall.Handler
---@overload fun(event: "enter", fn: fun(player: mall.Player)): mall.Handler
---@overload fun(event: "leave", fn: fun(player: mall.Player, reason: string)): mall.Handler
---@overload fun(event: "input", fn: fun(player: mall.Player, action: string)): mall.Handler
---@overload fun(event: "interact", fn: fun(player: mall.Player, entity: mall.Entity, verb: string)): mall.Handler
---@overload fun(event: "area", fn: fun(player: mall.Player, entity: mall.Entity, inside: boolean)): mall.Handler
---@overload fun(event: "emote", fn: fun(player: mall.Player, name: string)): mall.Handler
---@overload fun(event: "chat", fn: fun(player: mall.Player, text: string)): mall.Handler
---@overload fun(event: "ui", fn: fun(player: mall.Player, id: string, value: Scalar?)): mall.Handler
---@overload fun(event: "claim_changed", fn: fun(claim: mall.Claim)): mall.Handler
function mall.on(event, fn) end

---@param handler mall.Handler
function mall.off(handler) end

---@param capability Capability
---@return boolean
function mall.has(capability) end

---The text in the language of the package, with {1}, {2}, ... filled in.
---@param text string
---@param ... any
---@return string
function mall.t(text, ...) end

---The host's clock, UTC seconds.
---@return number
function mall.now() end

---A float from 0 to 1, or a whole number from 1 to n. Seeded and recorded.
---@param n? integer
---@return number
function mall.random(n) end

---@param seconds number
---@param fn fun()
---@param owner? mall.Match|mall.Entity|mall.Player the timer ends with it
---@return mall.Timer
function mall.after(seconds, fn, owner) end

---@param seconds number at least 0.05
---@param fn fun()
---@param owner? mall.Match|mall.Entity|mall.Player the timer ends with it
---@return mall.Timer
function mall.every(seconds, fn, owner) end

---@param timer mall.Timer
function mall.cancel(timer) end

---@param ... any
function mall.log(...) end

---@class mall.Parcel
---@field id integer
---@field cells integer
---@field height number
---@field address string
---@field holder_name string
---@field mall_id integer?
---@field island string?

---@class mall.Player
---@field id integer
---@field name string
---@field locale string
---@field guest boolean
---@field age_band string
---@field store mall.Store
local Player = {}

---@return Position
function Player:at() end
---The text in the language of this player.
---@param text string
---@param ... any
---@return string
function Player:t(text, ...) end
---@param text string
function Player:say(text) end
---@param position Position
---@param yaw? number degrees
function Player:teleport(position, yaw) end
---@param name string
function Player:emote(name) end
---@param options string|mall.Effect
function Player:effect(options) end

mall.players = {}
---@return mall.Player[]
function mall.players.all() end
---@param id integer
---@return mall.Player?
function mall.players.get(id) end
---@return integer
function mall.players.count() end

---@class mall.Effect
---@field name string
---@field color? string
---@field sound? string
---@field seconds? number
---@field at? Position

---@class mall.Components
---@field at? Position
---@field yaw? number degrees
---@field scale? number|number[]
---@field model? string|false "coin" "pedestal" "crate" "sign" "arch" "cone" "banner" "light" "ball" "box" "cylinder" or an asset
---@field color? string|false "#rrggbb"
---@field collider? boolean|{size: number[]}
---@field area? false|{radius: number}|{size: number[]}
---@field label? false|string|{text: string, height: number?, color: string?}
---@field light? false|{color: string?, energy: number?, range: number?}
---@field sound? false|{name: string, volume: number?, range: number?, loop: boolean?}
---@field state? false|table<string, Scalar>
---@field tags? string[]
---@field clickable? boolean|string|{prompt: string?, verb: string?, reach: number?}
---@field mover? false|{spin: number?, bob: number?, bob_seconds: number?, to: Position?, seconds: number?, loop: boolean?}

---@class mall.Spawn: mall.Components
---@field id? string

---@class mall.Entity
---@field id string
---@field tags string[]
---@field alive boolean
local Entity = {}
---@param components mall.Components `false` takes a component away
function Entity:set(components) end
---@param name string
---@return any
function Entity:get(name) end
function Entity:remove() end
---@overload fun(self: mall.Entity, event: "interact", fn: fun(player: mall.Player, verb: string))
---@overload fun(self: mall.Entity, event: "area", fn: fun(player: mall.Player, inside: boolean))
function Entity:on(event, fn) end

mall.world = {}
---@param t mall.Spawn
---@return mall.Entity
function mall.world.spawn(t) end
---@param id string
---@return mall.Entity?
function mall.world.get(id) end
---@param tag string
---@return mall.Entity[]
function mall.world.find(tag) end
---@param position Position
---@param radius number
---@return mall.Entity[]
function mall.world.near(position, radius) end
---@param options mall.Effect
function mall.world.effect(options) end

---@class mall.Node one of the kinds, and what goes with it
---@field column? mall.Node[]
---@field row? mall.Node[]
---@field grid? mall.Node[]
---@field list? mall.Node[]
---@field text? string
---@field image? string
---@field model? string
---@field button? string
---@field input? string
---@field choice? string[]
---@field slider? number
---@field progress? number
---@field id? string
---@field label? string
---@field role? string
---@field place? string
---@field value? Scalar
---@field color? string
---@field size? number
---@field columns? integer
---@field min? number
---@field max? number
---@field step? number

mall.ui = {}
---@param player mall.Player
---@param tree mall.Node its id names the panel
function mall.ui.show(player, tree) end
---@param player mall.Player
---@param id string
---@param change {text: string?, value: Scalar?, label: string?, color: string?, enabled: boolean?, hidden: boolean?}
function mall.ui.update(player, id, change) end
---@param group mall.Match|mall.Player[]|mall.Player
---@param id string
---@param change table
function mall.ui.update_all(group, id, change) end
---@param player mall.Player
---@param id? string
function mall.ui.close(player, id) end
---@param group mall.Match|mall.Player[]|mall.Player
---@param text string
---@param tone? "info"|"good"|"bad"
function mall.ui.toast(group, text, tone) end

---@class mall.Store
---@field get fun(key: string): any
---@field set fun(key: string, value: any)
---@field update fun(key: string, fn: fun(value: any): any): any
---@field delete fun(key: string)

---@type mall.Store
mall.store = {}

---@class mall.BoardRow
---@field place integer
---@field player integer
---@field name string
---@field score integer

mall.board = {}
---@param name string
---@param player mall.Player
---@param score integer
function mall.board.submit(name, player, score) end
---@param name string
---@param n? integer
---@param period? "day"|"week"|"all"
---@return mall.BoardRow[]
function mall.board.top(name, n, period) end
---@param name string
---@param player mall.Player
---@param period? "day"|"week"|"all"
---@return mall.BoardRow[]
function mall.board.around(name, player, period) end
---@param name string
function mall.board.reset(name) end

---@class mall.Ranked
---@field player mall.Player
---@field score integer
---@field place integer

---@class mall.Match
---@field id integer
---@field phase "lobby"|"running"|"over"
---@field players mall.Player[]
---@field [string] any own fields may be kept here
local Match = {}
---@param player mall.Player
---@param points? integer
---@return integer
function Match:score(player, points) end
---@return number seconds
function Match:left() end
---@return mall.Ranked[]
function Match:ranking() end
---@param ranking? mall.Ranked[]
function Match:finish(ranking) end
---@param player mall.Player
function Match:leave(player) end

---@class mall.MatchKind
local MatchKind = {}
---@return mall.Match
function MatchKind:open() end
---@param player mall.Player
---@return mall.Match
function MatchKind:join(player) end
---@overload fun(self: mall.MatchKind, event: "start", fn: fun(match: mall.Match))
---@overload fun(self: mall.MatchKind, event: "join"|"leave", fn: fun(match: mall.Match, player: mall.Player))
---@overload fun(self: mall.MatchKind, event: "input", fn: fun(match: mall.Match, player: mall.Player, action: string))
---@overload fun(self: mall.MatchKind, event: "tick", fn: fun(match: mall.Match, dt: number))
---@overload fun(self: mall.MatchKind, event: "finish", fn: fun(match: mall.Match, ranking: mall.Ranked[]))
function MatchKind:on(event, fn) end

mall.match = {}
---@param t {min: integer?, max: integer?, seconds: number?, lobby: number?, board: string?, title: string?, unit: string?, join_late: boolean?}
---@return mall.MatchKind
function mall.match.define(t) end

---@class mall.Claim
---@field id integer
---@field state "booked"|"settled"|"paid"|"refused"
---@field amount string
---@field pool string
---@field reason string

mall.rewards = {}
---@param t {player: mall.Player, pool: string, amount: integer|string, match: mall.Match?, reason: string?}
---@return integer
function mall.rewards.claim(t) end
---@param id integer
---@return string?
function mall.rewards.status(id) end
---@param pool string
---@param player mall.Player
---@return number?
function mall.rewards.left(pool, player) end

mall.bus = {}
---@param topic string "author/package:name"
---@param data any
function mall.bus.send(topic, data) end
---@param topic string
---@param fn fun(data: any)
function mall.bus.on(topic, fn) end
