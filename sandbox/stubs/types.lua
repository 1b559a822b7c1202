---@meta
-- Annotations of the mall's Lua API, written from sandbox/api.toml. Change that, not this.
---@alias Position number[] {x, y, z} in metres: x east, y up, z north of the south-west corner of the placement
---@alias Size number[] {x, y, z} in metres: width, height, depth
---@alias Color string "#rrggbb"
---@alias Scalar string|number|boolean a plain value
---@alias Group mall.Player|mall.Match|mall.Player[] whom a call is for
---@alias Owner mall.Match|mall.Entity|mall.Player what a timer ends with
---@alias Period "day"|"week"|"all" the days of a board
---@alias Tone "info"|"good"|"bad" how a message sounds
---@alias Phase "lobby"|"running"|"over" where a match stands
---@alias Place "top"|"bottom"|"left"|"right"|"center" where a panel goes
---@alias ClaimState "filed"|"booked"|"settled"|"paid"|"refused" how far a claim got
---@alias Capability "world.build"|"ui"|"store"|"board"|"match"|"chat.say"|"media.model"|"avatar.move"|"avatar.emote"|"avatar.effect"|"chat.listen"|"media.video"|"media.audio"|"voice.zone"|"npc"|"shop.offer"|"shop.coupon"|"ticket"|"bus"|"reward.claim"|"net.fetch"|"game.chance" a named power
---@alias Model "coin"|"pedestal"|"crate"|"sign"|"arch"|"cone"|"banner"|"light"|"ball"|"box"|"cylinder"|string a built-in model, or an asset of the package

---The settings that package.toml declares; `mall stubs` lists those of your package here.
---@class mall.Settings
---@field [string] any

---Levels of the parts that this host has; nil for what it has not.
---@class mall.Features
---@field [string] integer

---The ground that a creation stands on.
---@class mall.Parcel
---@field id integer number of the Tierra
---@field cells integer Tierra that it covers
---@field height number metres of room above the ground
---@field address string as people read it
---@field holder_name string who holds the land
---@field mall_id string of the Mall it lies in, "" outside
---@field island string of the Island it lies on, "" on the mainland

---What every `on` gives; for `mall.off`, and for `off` of the same entity or kind.
---@class mall.Handler

---What `mall.after` and `mall.every` give; only for `mall.cancel`.
---@class mall.Timer

---A solid box that stands on `at`; `collider = true` takes the shape of the model.
---@class mall.Collider
---@field size Size

---Where walking in and out is told: give one of both.
---@class mall.Area
---@field radius? number metres
---@field size? Size a box around the entity

---Floating text.
---@class mall.Label
---@field text string
---@field height? number metres above the entity
---@field color? Color

---A lamp.
---@class mall.Light
---@field color? Color white when left out
---@field energy? number 1 when left out
---@field range? number metres, 5 when left out

---A sound of the client's library.
---@class mall.Sound
---@field name string
---@field volume? number 0 to 1
---@field range? number metres, 15 when left out
---@field loop? boolean

---A prompt that sends `interact`; a text alone is the prompt.
---@class mall.Clickable
---@field prompt? string
---@field verb? string "use" when left out
---@field reach? number metres, 3 when left out

---Motion that the client draws.
---@class mall.Mover
---@field spin? number degrees a second
---@field bob? number metres up and down
---@field bob_seconds? number of one bob, 2.4 when left out
---@field to? Position goes there, from `at`; the host still knows it at `at`
---@field seconds? number of the way, 1 when left out
---@field loop? boolean there and back again

---Components of an entity; `false` takes one away.
---@class mall.Components
---@field at? Position where it stands
---@field yaw? number degrees
---@field scale? number|Size times its size
---@field model? Model|false what it looks like
---@field color? Color|false
---@field collider? mall.Collider|boolean
---@field area? mall.Area|false
---@field label? mall.Label|string|false
---@field light? mall.Light|false
---@field sound? mall.Sound|false
---@field state? table<string, Scalar>|false what the client may show of it, 16 values at most
---@field tags? string[] for `mall.world.find`, 8 at most
---@field clickable? mall.Clickable|string|boolean
---@field mover? mall.Mover|false

---What `mall.world.spawn` takes: `at` is needed.
---@class mall.Spawn: mall.Components
---@field id? string to find it again; unique here

---Something that passes.
---@class mall.Effect
---@field name string
---@field color? Color
---@field sound? string
---@field seconds? number
---@field at? Position for `mall.world.effect`

---What a ray meets first.
---@class mall.Hit
---@field entity? mall.Entity nil for the ground
---@field at Position
---@field distance number metres

---The sky over the placement; what is left out is the city's.
---@class mall.Sky
---@field time? number hour of the day, 0 to 24; it stands still
---@field tint? Color of the light
---@field fog? number 0 to 1

---Something that a player may do: a button with a key.
---@class mall.Action
---@field name string comes with `input`
---@field label? string on the button, translated for each player; the name when left out

---One node of a panel: one of the kinds, and what goes with it.
---@class mall.Node
---@field column? mall.Node[] below each other
---@field row? mall.Node[] side by side
---@field grid? mall.Node[] in `columns`
---@field list? mall.Node[] below each other, with scrolling
---@field text? string
---@field image? string an asset
---@field model? string a turning model
---@field button? string its words; sends `ui`
---@field input? string the hint in an empty field; sends `ui`
---@field choice? string[] one of these; sends `ui`
---@field slider? number its value; sends `ui`
---@field progress? number its value
---@field id? string for `update` and the `ui` event; of the outermost node: names the panel
---@field label? string read out by screen readers
---@field role? string
---@field place? Place of the outermost node
---@field value? Scalar comes back with the `ui` event
---@field color? Color
---@field size? number of the text, 1 is usual
---@field columns? integer of a grid
---@field min? number
---@field max? number
---@field step? number

---What changes on a node.
---@class mall.NodeChange
---@field text? string
---@field value? Scalar
---@field label? string
---@field color? Color
---@field enabled? boolean
---@field hidden? boolean

---A row of a board.
---@class mall.BoardRow
---@field place integer
---@field player integer number of the account
---@field name string
---@field score integer

---A player and a score.
---@class mall.Scored
---@field player mall.Player
---@field score integer

---A row of a ranking; equal scores share the place.
---@class mall.Ranked: mall.Scored
---@field place integer

---What `mall.match.define` takes.
---@class mall.MatchOptions
---@field min? integer players to begin with, 1 when left out
---@field max? integer players at most, 64 when left out
---@field seconds? number of a round, 60 when left out
---@field lobby? number seconds to wait for others
---@field board? string gets the scores at the end; needs `board`
---@field title? string above the scoreboard
---@field unit? string of the scores, such as "coins"
---@field join_late? boolean also while a round runs
---@field actions? mall.Action[] buttons of its players while the round runs, 6 at most

---What `mall.rewards.claim` takes.
---@class mall.ClaimOptions
---@field player mall.Player
---@field pool string declared in package.toml
---@field amount number|string LIVE: whole, or an exact text such as "1.5"
---@field match? mall.Match in which it was won
---@field reason? string for the receipt

---What became of a claim.
---@class mall.Claim
---@field id integer
---@field state ClaimState
---@field amount string LIVE as an exact text
---@field pool string
---@field reason string why it was refused
