// Generated from CollateralEscrow.sol by scripts/generate.ts; never edited.
export const collateralEscrowAbi = [
  {
    "type": "constructor",
    "inputs": [
      {
        "name": "mailbox_",
        "type": "address",
        "internalType": "contract IMailbox"
      },
      {
        "name": "registry_",
        "type": "address",
        "internalType": "contract IMarketRegistry"
      },
      {
        "name": "bonds_",
        "type": "address",
        "internalType": "contract ISolverBonds"
      },
      {
        "name": "authority",
        "type": "address",
        "internalType": "address"
      }
    ],
    "stateMutability": "nonpayable"
  },
  {
    "type": "function",
    "name": "HANDLE_BASE_GAS",
    "inputs": [],
    "outputs": [
      {
        "name": "",
        "type": "uint256",
        "internalType": "uint256"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "HANDLE_ITEM_GAS",
    "inputs": [],
    "outputs": [
      {
        "name": "",
        "type": "uint256",
        "internalType": "uint256"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "MAX_ITEMS",
    "inputs": [],
    "outputs": [
      {
        "name": "",
        "type": "uint256",
        "internalType": "uint256"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "VERDICT_BASE_GAS",
    "inputs": [],
    "outputs": [
      {
        "name": "",
        "type": "uint256",
        "internalType": "uint256"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "VERDICT_ITEM_GAS",
    "inputs": [],
    "outputs": [
      {
        "name": "",
        "type": "uint256",
        "internalType": "uint256"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "authority",
    "inputs": [],
    "outputs": [
      {
        "name": "",
        "type": "address",
        "internalType": "address"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "bonds",
    "inputs": [],
    "outputs": [
      {
        "name": "",
        "type": "address",
        "internalType": "contract ISolverBonds"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "buy",
    "inputs": [
      {
        "name": "order",
        "type": "tuple",
        "internalType": "struct Order",
        "components": [
          {
            "name": "intent",
            "type": "bytes32",
            "internalType": "bytes32"
          },
          {
            "name": "quote",
            "type": "bytes32",
            "internalType": "bytes32"
          },
          {
            "name": "market",
            "type": "bytes32",
            "internalType": "bytes32"
          },
          {
            "name": "positionKey",
            "type": "bytes32",
            "internalType": "bytes32"
          },
          {
            "name": "homeDomain",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "homeEscrow",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "payDomain",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "payEscrow",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "collateral",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "debt",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "payToken",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "treasury",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "bridge",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "solver",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "payout",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "terms",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "repaid",
            "type": "uint128",
            "internalType": "uint128"
          },
          {
            "name": "keeperFee",
            "type": "uint128",
            "internalType": "uint128"
          },
          {
            "name": "routeFee",
            "type": "uint128",
            "internalType": "uint128"
          },
          {
            "name": "payAmount",
            "type": "uint128",
            "internalType": "uint128"
          },
          {
            "name": "ask",
            "type": "uint128",
            "internalType": "uint128"
          },
          {
            "name": "maxAsk",
            "type": "uint128",
            "internalType": "uint128"
          },
          {
            "name": "bond",
            "type": "uint128",
            "internalType": "uint128"
          },
          {
            "name": "latePenalty",
            "type": "uint128",
            "internalType": "uint128"
          },
          {
            "name": "openBy",
            "type": "uint64",
            "internalType": "uint64"
          },
          {
            "name": "exclusiveUntil",
            "type": "uint64",
            "internalType": "uint64"
          },
          {
            "name": "fillDeadline",
            "type": "uint64",
            "internalType": "uint64"
          },
          {
            "name": "expiresAt",
            "type": "uint64",
            "internalType": "uint64"
          }
        ]
      },
      {
        "name": "leastLot",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "mostPrice",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "recipient",
        "type": "address",
        "internalType": "address"
      }
    ],
    "outputs": [
      {
        "name": "lot",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "price",
        "type": "uint256",
        "internalType": "uint256"
      }
    ],
    "stateMutability": "nonpayable"
  },
  {
    "type": "function",
    "name": "claim",
    "inputs": [
      {
        "name": "token",
        "type": "address",
        "internalType": "address"
      },
      {
        "name": "to",
        "type": "address",
        "internalType": "address"
      }
    ],
    "outputs": [
      {
        "name": "amount",
        "type": "uint256",
        "internalType": "uint256"
      }
    ],
    "stateMutability": "nonpayable"
  },
  {
    "type": "function",
    "name": "clear",
    "inputs": [
      {
        "name": "market",
        "type": "bytes32",
        "internalType": "bytes32"
      },
      {
        "name": "position",
        "type": "bytes",
        "internalType": "bytes"
      }
    ],
    "outputs": [],
    "stateMutability": "nonpayable"
  },
  {
    "type": "function",
    "name": "credits",
    "inputs": [
      {
        "name": "token",
        "type": "address",
        "internalType": "address"
      },
      {
        "name": "account",
        "type": "address",
        "internalType": "address"
      }
    ],
    "outputs": [
      {
        "name": "",
        "type": "uint256",
        "internalType": "uint256"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "domainSeparator",
    "inputs": [],
    "outputs": [
      {
        "name": "",
        "type": "bytes32",
        "internalType": "bytes32"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "expire",
    "inputs": [
      {
        "name": "order",
        "type": "tuple",
        "internalType": "struct Order",
        "components": [
          {
            "name": "intent",
            "type": "bytes32",
            "internalType": "bytes32"
          },
          {
            "name": "quote",
            "type": "bytes32",
            "internalType": "bytes32"
          },
          {
            "name": "market",
            "type": "bytes32",
            "internalType": "bytes32"
          },
          {
            "name": "positionKey",
            "type": "bytes32",
            "internalType": "bytes32"
          },
          {
            "name": "homeDomain",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "homeEscrow",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "payDomain",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "payEscrow",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "collateral",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "debt",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "payToken",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "treasury",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "bridge",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "solver",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "payout",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "terms",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "repaid",
            "type": "uint128",
            "internalType": "uint128"
          },
          {
            "name": "keeperFee",
            "type": "uint128",
            "internalType": "uint128"
          },
          {
            "name": "routeFee",
            "type": "uint128",
            "internalType": "uint128"
          },
          {
            "name": "payAmount",
            "type": "uint128",
            "internalType": "uint128"
          },
          {
            "name": "ask",
            "type": "uint128",
            "internalType": "uint128"
          },
          {
            "name": "maxAsk",
            "type": "uint128",
            "internalType": "uint128"
          },
          {
            "name": "bond",
            "type": "uint128",
            "internalType": "uint128"
          },
          {
            "name": "latePenalty",
            "type": "uint128",
            "internalType": "uint128"
          },
          {
            "name": "openBy",
            "type": "uint64",
            "internalType": "uint64"
          },
          {
            "name": "exclusiveUntil",
            "type": "uint64",
            "internalType": "uint64"
          },
          {
            "name": "fillDeadline",
            "type": "uint64",
            "internalType": "uint64"
          },
          {
            "name": "expiresAt",
            "type": "uint64",
            "internalType": "uint64"
          }
        ]
      }
    ],
    "outputs": [],
    "stateMutability": "nonpayable"
  },
  {
    "type": "function",
    "name": "flag",
    "inputs": [
      {
        "name": "market",
        "type": "bytes32",
        "internalType": "bytes32"
      },
      {
        "name": "position",
        "type": "bytes",
        "internalType": "bytes"
      }
    ],
    "outputs": [],
    "stateMutability": "nonpayable"
  },
  {
    "type": "function",
    "name": "flaggedAt",
    "inputs": [
      {
        "name": "positionKey",
        "type": "bytes32",
        "internalType": "bytes32"
      }
    ],
    "outputs": [
      {
        "name": "",
        "type": "uint64",
        "internalType": "uint64"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "forfeit",
    "inputs": [
      {
        "name": "order",
        "type": "tuple",
        "internalType": "struct Order",
        "components": [
          {
            "name": "intent",
            "type": "bytes32",
            "internalType": "bytes32"
          },
          {
            "name": "quote",
            "type": "bytes32",
            "internalType": "bytes32"
          },
          {
            "name": "market",
            "type": "bytes32",
            "internalType": "bytes32"
          },
          {
            "name": "positionKey",
            "type": "bytes32",
            "internalType": "bytes32"
          },
          {
            "name": "homeDomain",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "homeEscrow",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "payDomain",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "payEscrow",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "collateral",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "debt",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "payToken",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "treasury",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "bridge",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "solver",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "payout",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "terms",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "repaid",
            "type": "uint128",
            "internalType": "uint128"
          },
          {
            "name": "keeperFee",
            "type": "uint128",
            "internalType": "uint128"
          },
          {
            "name": "routeFee",
            "type": "uint128",
            "internalType": "uint128"
          },
          {
            "name": "payAmount",
            "type": "uint128",
            "internalType": "uint128"
          },
          {
            "name": "ask",
            "type": "uint128",
            "internalType": "uint128"
          },
          {
            "name": "maxAsk",
            "type": "uint128",
            "internalType": "uint128"
          },
          {
            "name": "bond",
            "type": "uint128",
            "internalType": "uint128"
          },
          {
            "name": "latePenalty",
            "type": "uint128",
            "internalType": "uint128"
          },
          {
            "name": "openBy",
            "type": "uint64",
            "internalType": "uint64"
          },
          {
            "name": "exclusiveUntil",
            "type": "uint64",
            "internalType": "uint64"
          },
          {
            "name": "fillDeadline",
            "type": "uint64",
            "internalType": "uint64"
          },
          {
            "name": "expiresAt",
            "type": "uint64",
            "internalType": "uint64"
          }
        ]
      }
    ],
    "outputs": [
      {
        "name": "amount",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "bounty",
        "type": "uint256",
        "internalType": "uint256"
      }
    ],
    "stateMutability": "nonpayable"
  },
  {
    "type": "function",
    "name": "handle",
    "inputs": [
      {
        "name": "origin",
        "type": "uint32",
        "internalType": "uint32"
      },
      {
        "name": "sender",
        "type": "bytes32",
        "internalType": "bytes32"
      },
      {
        "name": "body",
        "type": "bytes",
        "internalType": "bytes"
      }
    ],
    "outputs": [],
    "stateMutability": "payable"
  },
  {
    "type": "function",
    "name": "hasFaded",
    "inputs": [
      {
        "name": "intent",
        "type": "bytes32",
        "internalType": "bytes32"
      },
      {
        "name": "account",
        "type": "address",
        "internalType": "address"
      }
    ],
    "outputs": [
      {
        "name": "",
        "type": "bool",
        "internalType": "bool"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "heldBonds",
    "inputs": [
      {
        "name": "orderId",
        "type": "bytes32",
        "internalType": "bytes32"
      }
    ],
    "outputs": [
      {
        "name": "",
        "type": "tuple",
        "internalType": "struct HeldBond",
        "components": [
          {
            "name": "bountyTo",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "readyAt",
            "type": "uint64",
            "internalType": "uint64"
          },
          {
            "name": "amount",
            "type": "uint128",
            "internalType": "uint128"
          },
          {
            "name": "shortfall",
            "type": "uint128",
            "internalType": "uint128"
          }
        ]
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "interchainSecurityModule",
    "inputs": [],
    "outputs": [
      {
        "name": "",
        "type": "address",
        "internalType": "address"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "isConsumingScheduledOp",
    "inputs": [],
    "outputs": [
      {
        "name": "",
        "type": "bytes4",
        "internalType": "bytes4"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "land",
    "inputs": [
      {
        "name": "landing",
        "type": "tuple",
        "internalType": "struct Landing",
        "components": [
          {
            "name": "intent",
            "type": "tuple",
            "internalType": "struct Intent",
            "components": [
              {
                "name": "homeDomain",
                "type": "uint32",
                "internalType": "uint32"
              },
              {
                "name": "escrow",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "market",
                "type": "bytes32",
                "internalType": "bytes32"
              },
              {
                "name": "position",
                "type": "bytes",
                "internalType": "bytes"
              },
              {
                "name": "collateral",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "debt",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "repay",
                "type": "uint128",
                "internalType": "uint128"
              },
              {
                "name": "seizable",
                "type": "uint128",
                "internalType": "uint128"
              },
              {
                "name": "round",
                "type": "uint64",
                "internalType": "uint64"
              },
              {
                "name": "observedBlock",
                "type": "uint64",
                "internalType": "uint64"
              },
              {
                "name": "observedBlockHash",
                "type": "bytes32",
                "internalType": "bytes32"
              },
              {
                "name": "quoteBy",
                "type": "uint64",
                "internalType": "uint64"
              },
              {
                "name": "openBy",
                "type": "uint64",
                "internalType": "uint64"
              }
            ]
          },
          {
            "name": "attempt",
            "type": "uint8",
            "internalType": "uint8"
          },
          {
            "name": "quotes",
            "type": "tuple[]",
            "internalType": "struct SignedQuote[]",
            "components": [
              {
                "name": "quote",
                "type": "tuple",
                "internalType": "struct Quote",
                "components": [
                  {
                    "name": "intent",
                    "type": "bytes32",
                    "internalType": "bytes32"
                  },
                  {
                    "name": "solver",
                    "type": "address",
                    "internalType": "address"
                  },
                  {
                    "name": "ask",
                    "type": "uint128",
                    "internalType": "uint128"
                  },
                  {
                    "name": "payDomain",
                    "type": "uint32",
                    "internalType": "uint32"
                  },
                  {
                    "name": "payout",
                    "type": "address",
                    "internalType": "address"
                  },
                  {
                    "name": "epoch",
                    "type": "uint64",
                    "internalType": "uint64"
                  }
                ]
              },
              {
                "name": "signature",
                "type": "bytes",
                "internalType": "bytes"
              }
            ]
          },
          {
            "name": "signatures",
            "type": "bytes",
            "internalType": "bytes"
          }
        ]
      }
    ],
    "outputs": [
      {
        "name": "landed",
        "type": "uint8",
        "internalType": "uint8"
      },
      {
        "name": "orderId",
        "type": "bytes32",
        "internalType": "bytes32"
      }
    ],
    "stateMutability": "nonpayable"
  },
  {
    "type": "function",
    "name": "landFor",
    "inputs": [
      {
        "name": "landing",
        "type": "tuple",
        "internalType": "struct Landing",
        "components": [
          {
            "name": "intent",
            "type": "tuple",
            "internalType": "struct Intent",
            "components": [
              {
                "name": "homeDomain",
                "type": "uint32",
                "internalType": "uint32"
              },
              {
                "name": "escrow",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "market",
                "type": "bytes32",
                "internalType": "bytes32"
              },
              {
                "name": "position",
                "type": "bytes",
                "internalType": "bytes"
              },
              {
                "name": "collateral",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "debt",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "repay",
                "type": "uint128",
                "internalType": "uint128"
              },
              {
                "name": "seizable",
                "type": "uint128",
                "internalType": "uint128"
              },
              {
                "name": "round",
                "type": "uint64",
                "internalType": "uint64"
              },
              {
                "name": "observedBlock",
                "type": "uint64",
                "internalType": "uint64"
              },
              {
                "name": "observedBlockHash",
                "type": "bytes32",
                "internalType": "bytes32"
              },
              {
                "name": "quoteBy",
                "type": "uint64",
                "internalType": "uint64"
              },
              {
                "name": "openBy",
                "type": "uint64",
                "internalType": "uint64"
              }
            ]
          },
          {
            "name": "attempt",
            "type": "uint8",
            "internalType": "uint8"
          },
          {
            "name": "quotes",
            "type": "tuple[]",
            "internalType": "struct SignedQuote[]",
            "components": [
              {
                "name": "quote",
                "type": "tuple",
                "internalType": "struct Quote",
                "components": [
                  {
                    "name": "intent",
                    "type": "bytes32",
                    "internalType": "bytes32"
                  },
                  {
                    "name": "solver",
                    "type": "address",
                    "internalType": "address"
                  },
                  {
                    "name": "ask",
                    "type": "uint128",
                    "internalType": "uint128"
                  },
                  {
                    "name": "payDomain",
                    "type": "uint32",
                    "internalType": "uint32"
                  },
                  {
                    "name": "payout",
                    "type": "address",
                    "internalType": "address"
                  },
                  {
                    "name": "epoch",
                    "type": "uint64",
                    "internalType": "uint64"
                  }
                ]
              },
              {
                "name": "signature",
                "type": "bytes",
                "internalType": "bytes"
              }
            ]
          },
          {
            "name": "signatures",
            "type": "bytes",
            "internalType": "bytes"
          }
        ]
      },
      {
        "name": "lander",
        "type": "address",
        "internalType": "address"
      }
    ],
    "outputs": [
      {
        "name": "landed",
        "type": "uint8",
        "internalType": "uint8"
      },
      {
        "name": "orderId",
        "type": "bytes32",
        "internalType": "bytes32"
      }
    ],
    "stateMutability": "nonpayable"
  },
  {
    "type": "function",
    "name": "landMany",
    "inputs": [
      {
        "name": "landings",
        "type": "tuple[]",
        "internalType": "struct Landing[]",
        "components": [
          {
            "name": "intent",
            "type": "tuple",
            "internalType": "struct Intent",
            "components": [
              {
                "name": "homeDomain",
                "type": "uint32",
                "internalType": "uint32"
              },
              {
                "name": "escrow",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "market",
                "type": "bytes32",
                "internalType": "bytes32"
              },
              {
                "name": "position",
                "type": "bytes",
                "internalType": "bytes"
              },
              {
                "name": "collateral",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "debt",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "repay",
                "type": "uint128",
                "internalType": "uint128"
              },
              {
                "name": "seizable",
                "type": "uint128",
                "internalType": "uint128"
              },
              {
                "name": "round",
                "type": "uint64",
                "internalType": "uint64"
              },
              {
                "name": "observedBlock",
                "type": "uint64",
                "internalType": "uint64"
              },
              {
                "name": "observedBlockHash",
                "type": "bytes32",
                "internalType": "bytes32"
              },
              {
                "name": "quoteBy",
                "type": "uint64",
                "internalType": "uint64"
              },
              {
                "name": "openBy",
                "type": "uint64",
                "internalType": "uint64"
              }
            ]
          },
          {
            "name": "attempt",
            "type": "uint8",
            "internalType": "uint8"
          },
          {
            "name": "quotes",
            "type": "tuple[]",
            "internalType": "struct SignedQuote[]",
            "components": [
              {
                "name": "quote",
                "type": "tuple",
                "internalType": "struct Quote",
                "components": [
                  {
                    "name": "intent",
                    "type": "bytes32",
                    "internalType": "bytes32"
                  },
                  {
                    "name": "solver",
                    "type": "address",
                    "internalType": "address"
                  },
                  {
                    "name": "ask",
                    "type": "uint128",
                    "internalType": "uint128"
                  },
                  {
                    "name": "payDomain",
                    "type": "uint32",
                    "internalType": "uint32"
                  },
                  {
                    "name": "payout",
                    "type": "address",
                    "internalType": "address"
                  },
                  {
                    "name": "epoch",
                    "type": "uint64",
                    "internalType": "uint64"
                  }
                ]
              },
              {
                "name": "signature",
                "type": "bytes",
                "internalType": "bytes"
              }
            ]
          },
          {
            "name": "signatures",
            "type": "bytes",
            "internalType": "bytes"
          }
        ]
      }
    ],
    "outputs": [
      {
        "name": "landed",
        "type": "uint8[]",
        "internalType": "uint8[]"
      },
      {
        "name": "orderIds",
        "type": "bytes32[]",
        "internalType": "bytes32[]"
      }
    ],
    "stateMutability": "nonpayable"
  },
  {
    "type": "function",
    "name": "localDomain",
    "inputs": [],
    "outputs": [
      {
        "name": "",
        "type": "uint32",
        "internalType": "uint32"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "locked",
    "inputs": [],
    "outputs": [
      {
        "name": "",
        "type": "bool",
        "internalType": "bool"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "mailbox",
    "inputs": [],
    "outputs": [
      {
        "name": "",
        "type": "address",
        "internalType": "contract IMailbox"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "offer",
    "inputs": [
      {
        "name": "order",
        "type": "tuple",
        "internalType": "struct Order",
        "components": [
          {
            "name": "intent",
            "type": "bytes32",
            "internalType": "bytes32"
          },
          {
            "name": "quote",
            "type": "bytes32",
            "internalType": "bytes32"
          },
          {
            "name": "market",
            "type": "bytes32",
            "internalType": "bytes32"
          },
          {
            "name": "positionKey",
            "type": "bytes32",
            "internalType": "bytes32"
          },
          {
            "name": "homeDomain",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "homeEscrow",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "payDomain",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "payEscrow",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "collateral",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "debt",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "payToken",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "treasury",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "bridge",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "solver",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "payout",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "terms",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "repaid",
            "type": "uint128",
            "internalType": "uint128"
          },
          {
            "name": "keeperFee",
            "type": "uint128",
            "internalType": "uint128"
          },
          {
            "name": "routeFee",
            "type": "uint128",
            "internalType": "uint128"
          },
          {
            "name": "payAmount",
            "type": "uint128",
            "internalType": "uint128"
          },
          {
            "name": "ask",
            "type": "uint128",
            "internalType": "uint128"
          },
          {
            "name": "maxAsk",
            "type": "uint128",
            "internalType": "uint128"
          },
          {
            "name": "bond",
            "type": "uint128",
            "internalType": "uint128"
          },
          {
            "name": "latePenalty",
            "type": "uint128",
            "internalType": "uint128"
          },
          {
            "name": "openBy",
            "type": "uint64",
            "internalType": "uint64"
          },
          {
            "name": "exclusiveUntil",
            "type": "uint64",
            "internalType": "uint64"
          },
          {
            "name": "fillDeadline",
            "type": "uint64",
            "internalType": "uint64"
          },
          {
            "name": "expiresAt",
            "type": "uint64",
            "internalType": "uint64"
          }
        ]
      }
    ],
    "outputs": [
      {
        "name": "lot",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "price",
        "type": "uint256",
        "internalType": "uint256"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "orders",
    "inputs": [
      {
        "name": "orderId",
        "type": "bytes32",
        "internalType": "bytes32"
      }
    ],
    "outputs": [
      {
        "name": "state",
        "type": "uint8",
        "internalType": "enum OrderState"
      },
      {
        "name": "seized",
        "type": "uint128",
        "internalType": "uint128"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "quoteVerdicts",
    "inputs": [
      {
        "name": "payDomain",
        "type": "uint32",
        "internalType": "uint32"
      },
      {
        "name": "payEscrow",
        "type": "address",
        "internalType": "address"
      },
      {
        "name": "orderIds",
        "type": "bytes32[]",
        "internalType": "bytes32[]"
      }
    ],
    "outputs": [
      {
        "name": "fee",
        "type": "uint256",
        "internalType": "uint256"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "registry",
    "inputs": [],
    "outputs": [
      {
        "name": "",
        "type": "address",
        "internalType": "contract IMarketRegistry"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "returnSurplus",
    "inputs": [
      {
        "name": "market",
        "type": "bytes32",
        "internalType": "bytes32"
      },
      {
        "name": "position",
        "type": "bytes",
        "internalType": "bytes"
      },
      {
        "name": "collateral",
        "type": "address",
        "internalType": "address"
      }
    ],
    "outputs": [
      {
        "name": "amount",
        "type": "uint256",
        "internalType": "uint256"
      }
    ],
    "stateMutability": "nonpayable"
  },
  {
    "type": "function",
    "name": "rounds",
    "inputs": [
      {
        "name": "positionKey",
        "type": "bytes32",
        "internalType": "bytes32"
      }
    ],
    "outputs": [
      {
        "name": "",
        "type": "uint64",
        "internalType": "uint64"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "sendVerdicts",
    "inputs": [
      {
        "name": "payDomain",
        "type": "uint32",
        "internalType": "uint32"
      },
      {
        "name": "payEscrow",
        "type": "address",
        "internalType": "address"
      },
      {
        "name": "orderIds",
        "type": "bytes32[]",
        "internalType": "bytes32[]"
      }
    ],
    "outputs": [
      {
        "name": "messageId",
        "type": "bytes32",
        "internalType": "bytes32"
      }
    ],
    "stateMutability": "payable"
  },
  {
    "type": "function",
    "name": "setAuthority",
    "inputs": [
      {
        "name": "newAuthority",
        "type": "address",
        "internalType": "address"
      }
    ],
    "outputs": [],
    "stateMutability": "nonpayable"
  },
  {
    "type": "function",
    "name": "setSecurityModule",
    "inputs": [
      {
        "name": "module",
        "type": "address",
        "internalType": "address"
      }
    ],
    "outputs": [],
    "stateMutability": "nonpayable"
  },
  {
    "type": "function",
    "name": "surplusOf",
    "inputs": [
      {
        "name": "positionKey",
        "type": "bytes32",
        "internalType": "bytes32"
      },
      {
        "name": "collateral",
        "type": "address",
        "internalType": "address"
      }
    ],
    "outputs": [
      {
        "name": "",
        "type": "uint256",
        "internalType": "uint256"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "take",
    "inputs": [
      {
        "name": "market",
        "type": "bytes32",
        "internalType": "bytes32"
      },
      {
        "name": "position",
        "type": "bytes",
        "internalType": "bytes"
      },
      {
        "name": "leastLot",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "mostRepay",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "recipient",
        "type": "address",
        "internalType": "address"
      }
    ],
    "outputs": [
      {
        "name": "repaid",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "lot",
        "type": "uint256",
        "internalType": "uint256"
      }
    ],
    "stateMutability": "nonpayable"
  },
  {
    "type": "event",
    "name": "AuthorityUpdated",
    "inputs": [
      {
        "name": "authority",
        "type": "address",
        "indexed": false,
        "internalType": "address"
      }
    ],
    "anonymous": false
  },
  {
    "type": "event",
    "name": "BondForfeited",
    "inputs": [
      {
        "name": "orderId",
        "type": "bytes32",
        "indexed": true,
        "internalType": "bytes32"
      },
      {
        "name": "solver",
        "type": "address",
        "indexed": true,
        "internalType": "address"
      },
      {
        "name": "amount",
        "type": "uint256",
        "indexed": false,
        "internalType": "uint256"
      },
      {
        "name": "bounty",
        "type": "uint256",
        "indexed": false,
        "internalType": "uint256"
      },
      {
        "name": "bountyTo",
        "type": "address",
        "indexed": true,
        "internalType": "address"
      }
    ],
    "anonymous": false
  },
  {
    "type": "event",
    "name": "BondFreed",
    "inputs": [
      {
        "name": "orderId",
        "type": "bytes32",
        "indexed": true,
        "internalType": "bytes32"
      },
      {
        "name": "solver",
        "type": "address",
        "indexed": true,
        "internalType": "address"
      },
      {
        "name": "amount",
        "type": "uint256",
        "indexed": false,
        "internalType": "uint256"
      }
    ],
    "anonymous": false
  },
  {
    "type": "event",
    "name": "BondHeld",
    "inputs": [
      {
        "name": "orderId",
        "type": "bytes32",
        "indexed": true,
        "internalType": "bytes32"
      },
      {
        "name": "solver",
        "type": "address",
        "indexed": true,
        "internalType": "address"
      },
      {
        "name": "amount",
        "type": "uint256",
        "indexed": false,
        "internalType": "uint256"
      },
      {
        "name": "readyAt",
        "type": "uint64",
        "indexed": false,
        "internalType": "uint64"
      },
      {
        "name": "bountyTo",
        "type": "address",
        "indexed": true,
        "internalType": "address"
      }
    ],
    "anonymous": false
  },
  {
    "type": "event",
    "name": "Claimed",
    "inputs": [
      {
        "name": "token",
        "type": "address",
        "indexed": true,
        "internalType": "address"
      },
      {
        "name": "account",
        "type": "address",
        "indexed": true,
        "internalType": "address"
      },
      {
        "name": "to",
        "type": "address",
        "indexed": false,
        "internalType": "address"
      },
      {
        "name": "amount",
        "type": "uint256",
        "indexed": false,
        "internalType": "uint256"
      }
    ],
    "anonymous": false
  },
  {
    "type": "event",
    "name": "Credited",
    "inputs": [
      {
        "name": "token",
        "type": "address",
        "indexed": true,
        "internalType": "address"
      },
      {
        "name": "account",
        "type": "address",
        "indexed": true,
        "internalType": "address"
      },
      {
        "name": "amount",
        "type": "uint256",
        "indexed": false,
        "internalType": "uint256"
      }
    ],
    "anonymous": false
  },
  {
    "type": "event",
    "name": "Expired",
    "inputs": [
      {
        "name": "orderId",
        "type": "bytes32",
        "indexed": true,
        "internalType": "bytes32"
      },
      {
        "name": "positionKey",
        "type": "bytes32",
        "indexed": true,
        "internalType": "bytes32"
      },
      {
        "name": "debt",
        "type": "uint256",
        "indexed": false,
        "internalType": "uint256"
      },
      {
        "name": "floor",
        "type": "uint256",
        "indexed": false,
        "internalType": "uint256"
      },
      {
        "name": "restUntil",
        "type": "uint64",
        "indexed": false,
        "internalType": "uint64"
      }
    ],
    "anonymous": false
  },
  {
    "type": "event",
    "name": "Faded",
    "inputs": [
      {
        "name": "intent",
        "type": "bytes32",
        "indexed": true,
        "internalType": "bytes32"
      },
      {
        "name": "solver",
        "type": "address",
        "indexed": true,
        "internalType": "address"
      },
      {
        "name": "quote",
        "type": "bytes32",
        "indexed": true,
        "internalType": "bytes32"
      },
      {
        "name": "forfeited",
        "type": "uint256",
        "indexed": false,
        "internalType": "uint256"
      }
    ],
    "anonymous": false
  },
  {
    "type": "event",
    "name": "FillRefused",
    "inputs": [
      {
        "name": "orderId",
        "type": "bytes32",
        "indexed": true,
        "internalType": "bytes32"
      }
    ],
    "anonymous": false
  },
  {
    "type": "event",
    "name": "FillSkipped",
    "inputs": [
      {
        "name": "orderId",
        "type": "bytes32",
        "indexed": true,
        "internalType": "bytes32"
      }
    ],
    "anonymous": false
  },
  {
    "type": "event",
    "name": "FlagCleared",
    "inputs": [
      {
        "name": "positionKey",
        "type": "bytes32",
        "indexed": true,
        "internalType": "bytes32"
      }
    ],
    "anonymous": false
  },
  {
    "type": "event",
    "name": "Flagged",
    "inputs": [
      {
        "name": "positionKey",
        "type": "bytes32",
        "indexed": true,
        "internalType": "bytes32"
      },
      {
        "name": "market",
        "type": "bytes32",
        "indexed": true,
        "internalType": "bytes32"
      },
      {
        "name": "position",
        "type": "bytes",
        "indexed": false,
        "internalType": "bytes"
      },
      {
        "name": "takeableFrom",
        "type": "uint64",
        "indexed": false,
        "internalType": "uint64"
      },
      {
        "name": "lapsesAt",
        "type": "uint64",
        "indexed": false,
        "internalType": "uint64"
      }
    ],
    "anonymous": false
  },
  {
    "type": "event",
    "name": "LandingSkipped",
    "inputs": [
      {
        "name": "index",
        "type": "uint256",
        "indexed": true,
        "internalType": "uint256"
      },
      {
        "name": "reason",
        "type": "bytes",
        "indexed": false,
        "internalType": "bytes"
      }
    ],
    "anonymous": false
  },
  {
    "type": "event",
    "name": "Liquidated",
    "inputs": [
      {
        "name": "intent",
        "type": "bytes32",
        "indexed": true,
        "internalType": "bytes32"
      },
      {
        "name": "quote",
        "type": "bytes32",
        "indexed": true,
        "internalType": "bytes32"
      },
      {
        "name": "positionKey",
        "type": "bytes32",
        "indexed": true,
        "internalType": "bytes32"
      },
      {
        "name": "solver",
        "type": "address",
        "indexed": false,
        "internalType": "address"
      },
      {
        "name": "repaid",
        "type": "uint256",
        "indexed": false,
        "internalType": "uint256"
      },
      {
        "name": "seized",
        "type": "uint256",
        "indexed": false,
        "internalType": "uint256"
      },
      {
        "name": "ask",
        "type": "uint256",
        "indexed": false,
        "internalType": "uint256"
      }
    ],
    "anonymous": false
  },
  {
    "type": "event",
    "name": "Opened",
    "inputs": [
      {
        "name": "orderId",
        "type": "bytes32",
        "indexed": true,
        "internalType": "bytes32"
      },
      {
        "name": "intent",
        "type": "bytes32",
        "indexed": true,
        "internalType": "bytes32"
      },
      {
        "name": "positionKey",
        "type": "bytes32",
        "indexed": true,
        "internalType": "bytes32"
      },
      {
        "name": "seized",
        "type": "uint256",
        "indexed": false,
        "internalType": "uint256"
      },
      {
        "name": "order",
        "type": "tuple",
        "indexed": false,
        "internalType": "struct Order",
        "components": [
          {
            "name": "intent",
            "type": "bytes32",
            "internalType": "bytes32"
          },
          {
            "name": "quote",
            "type": "bytes32",
            "internalType": "bytes32"
          },
          {
            "name": "market",
            "type": "bytes32",
            "internalType": "bytes32"
          },
          {
            "name": "positionKey",
            "type": "bytes32",
            "internalType": "bytes32"
          },
          {
            "name": "homeDomain",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "homeEscrow",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "payDomain",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "payEscrow",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "collateral",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "debt",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "payToken",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "treasury",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "bridge",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "solver",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "payout",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "terms",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "repaid",
            "type": "uint128",
            "internalType": "uint128"
          },
          {
            "name": "keeperFee",
            "type": "uint128",
            "internalType": "uint128"
          },
          {
            "name": "routeFee",
            "type": "uint128",
            "internalType": "uint128"
          },
          {
            "name": "payAmount",
            "type": "uint128",
            "internalType": "uint128"
          },
          {
            "name": "ask",
            "type": "uint128",
            "internalType": "uint128"
          },
          {
            "name": "maxAsk",
            "type": "uint128",
            "internalType": "uint128"
          },
          {
            "name": "bond",
            "type": "uint128",
            "internalType": "uint128"
          },
          {
            "name": "latePenalty",
            "type": "uint128",
            "internalType": "uint128"
          },
          {
            "name": "openBy",
            "type": "uint64",
            "internalType": "uint64"
          },
          {
            "name": "exclusiveUntil",
            "type": "uint64",
            "internalType": "uint64"
          },
          {
            "name": "fillDeadline",
            "type": "uint64",
            "internalType": "uint64"
          },
          {
            "name": "expiresAt",
            "type": "uint64",
            "internalType": "uint64"
          }
        ]
      }
    ],
    "anonymous": false
  },
  {
    "type": "event",
    "name": "PassedOver",
    "inputs": [
      {
        "name": "intent",
        "type": "bytes32",
        "indexed": true,
        "internalType": "bytes32"
      },
      {
        "name": "quote",
        "type": "bytes32",
        "indexed": true,
        "internalType": "bytes32"
      },
      {
        "name": "reason",
        "type": "bytes",
        "indexed": false,
        "internalType": "bytes"
      }
    ],
    "anonymous": false
  },
  {
    "type": "event",
    "name": "SecurityModuleSet",
    "inputs": [
      {
        "name": "module",
        "type": "address",
        "indexed": true,
        "internalType": "address"
      }
    ],
    "anonymous": false
  },
  {
    "type": "event",
    "name": "Settled",
    "inputs": [
      {
        "name": "orderId",
        "type": "bytes32",
        "indexed": true,
        "internalType": "bytes32"
      },
      {
        "name": "positionKey",
        "type": "bytes32",
        "indexed": true,
        "internalType": "bytes32"
      },
      {
        "name": "beneficiary",
        "type": "address",
        "indexed": false,
        "internalType": "address"
      },
      {
        "name": "ask",
        "type": "uint256",
        "indexed": false,
        "internalType": "uint256"
      },
      {
        "name": "surplus",
        "type": "uint256",
        "indexed": false,
        "internalType": "uint256"
      }
    ],
    "anonymous": false
  },
  {
    "type": "event",
    "name": "Sold",
    "inputs": [
      {
        "name": "orderId",
        "type": "bytes32",
        "indexed": true,
        "internalType": "bytes32"
      },
      {
        "name": "positionKey",
        "type": "bytes32",
        "indexed": true,
        "internalType": "bytes32"
      },
      {
        "name": "buyer",
        "type": "address",
        "indexed": true,
        "internalType": "address"
      },
      {
        "name": "recipient",
        "type": "address",
        "indexed": false,
        "internalType": "address"
      },
      {
        "name": "lot",
        "type": "uint256",
        "indexed": false,
        "internalType": "uint256"
      },
      {
        "name": "price",
        "type": "uint256",
        "indexed": false,
        "internalType": "uint256"
      },
      {
        "name": "surplus",
        "type": "uint256",
        "indexed": false,
        "internalType": "uint256"
      }
    ],
    "anonymous": false
  },
  {
    "type": "event",
    "name": "SurplusCredited",
    "inputs": [
      {
        "name": "positionKey",
        "type": "bytes32",
        "indexed": true,
        "internalType": "bytes32"
      },
      {
        "name": "market",
        "type": "bytes32",
        "indexed": true,
        "internalType": "bytes32"
      },
      {
        "name": "collateral",
        "type": "address",
        "indexed": true,
        "internalType": "address"
      },
      {
        "name": "toBorrower",
        "type": "uint256",
        "indexed": false,
        "internalType": "uint256"
      },
      {
        "name": "toTreasury",
        "type": "uint256",
        "indexed": false,
        "internalType": "uint256"
      }
    ],
    "anonymous": false
  },
  {
    "type": "event",
    "name": "SurplusReturned",
    "inputs": [
      {
        "name": "positionKey",
        "type": "bytes32",
        "indexed": true,
        "internalType": "bytes32"
      },
      {
        "name": "collateral",
        "type": "address",
        "indexed": true,
        "internalType": "address"
      },
      {
        "name": "amount",
        "type": "uint256",
        "indexed": false,
        "internalType": "uint256"
      }
    ],
    "anonymous": false
  },
  {
    "type": "event",
    "name": "Taken",
    "inputs": [
      {
        "name": "positionKey",
        "type": "bytes32",
        "indexed": true,
        "internalType": "bytes32"
      },
      {
        "name": "market",
        "type": "bytes32",
        "indexed": true,
        "internalType": "bytes32"
      },
      {
        "name": "taker",
        "type": "address",
        "indexed": true,
        "internalType": "address"
      },
      {
        "name": "recipient",
        "type": "address",
        "indexed": false,
        "internalType": "address"
      },
      {
        "name": "repaid",
        "type": "uint256",
        "indexed": false,
        "internalType": "uint256"
      },
      {
        "name": "seized",
        "type": "uint256",
        "indexed": false,
        "internalType": "uint256"
      },
      {
        "name": "lot",
        "type": "uint256",
        "indexed": false,
        "internalType": "uint256"
      }
    ],
    "anonymous": false
  },
  {
    "type": "event",
    "name": "VerdictsSent",
    "inputs": [
      {
        "name": "messageId",
        "type": "bytes32",
        "indexed": true,
        "internalType": "bytes32"
      },
      {
        "name": "payDomain",
        "type": "uint32",
        "indexed": true,
        "internalType": "uint32"
      },
      {
        "name": "orderIds",
        "type": "bytes32[]",
        "indexed": false,
        "internalType": "bytes32[]"
      },
      {
        "name": "accepted",
        "type": "uint64",
        "indexed": false,
        "internalType": "uint64"
      }
    ],
    "anonymous": false
  },
  {
    "type": "error",
    "name": "AccessManagedInvalidAuthority",
    "inputs": [
      {
        "name": "authority",
        "type": "address",
        "internalType": "address"
      }
    ]
  },
  {
    "type": "error",
    "name": "AccessManagedRequiredDelay",
    "inputs": [
      {
        "name": "caller",
        "type": "address",
        "internalType": "address"
      },
      {
        "name": "delay",
        "type": "uint32",
        "internalType": "uint32"
      }
    ]
  },
  {
    "type": "error",
    "name": "AccessManagedUnauthorized",
    "inputs": [
      {
        "name": "caller",
        "type": "address",
        "internalType": "address"
      }
    ]
  },
  {
    "type": "error",
    "name": "AdapterMisreported",
    "inputs": [
      {
        "name": "reported",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "measured",
        "type": "uint256",
        "internalType": "uint256"
      }
    ]
  },
  {
    "type": "error",
    "name": "AlreadyFlagged",
    "inputs": [
      {
        "name": "positionKey",
        "type": "bytes32",
        "internalType": "bytes32"
      },
      {
        "name": "lapsesAt",
        "type": "uint64",
        "internalType": "uint64"
      }
    ]
  },
  {
    "type": "error",
    "name": "AskAboveSeizable",
    "inputs": [
      {
        "name": "ask",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "seizable",
        "type": "uint256",
        "internalType": "uint256"
      }
    ]
  },
  {
    "type": "error",
    "name": "AskAboveSeized",
    "inputs": [
      {
        "name": "ask",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "seized",
        "type": "uint256",
        "internalType": "uint256"
      }
    ]
  },
  {
    "type": "error",
    "name": "BelowMinimum",
    "inputs": [
      {
        "name": "repay",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "minimum",
        "type": "uint256",
        "internalType": "uint256"
      }
    ]
  },
  {
    "type": "error",
    "name": "BondUnavailable",
    "inputs": [
      {
        "name": "free",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "needed",
        "type": "uint256",
        "internalType": "uint256"
      }
    ]
  },
  {
    "type": "error",
    "name": "ECDSAInvalidSignature",
    "inputs": []
  },
  {
    "type": "error",
    "name": "ECDSAInvalidSignatureLength",
    "inputs": [
      {
        "name": "length",
        "type": "uint256",
        "internalType": "uint256"
      }
    ]
  },
  {
    "type": "error",
    "name": "ECDSAInvalidSignatureS",
    "inputs": [
      {
        "name": "s",
        "type": "bytes32",
        "internalType": "bytes32"
      }
    ]
  },
  {
    "type": "error",
    "name": "FailedCall",
    "inputs": []
  },
  {
    "type": "error",
    "name": "FeeTooLow",
    "inputs": [
      {
        "name": "got",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "needed",
        "type": "uint256",
        "internalType": "uint256"
      }
    ]
  },
  {
    "type": "error",
    "name": "FlagLapsed",
    "inputs": [
      {
        "name": "lapsedAt",
        "type": "uint64",
        "internalType": "uint64"
      }
    ]
  },
  {
    "type": "error",
    "name": "ForgedQuote",
    "inputs": [
      {
        "name": "index",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "signer",
        "type": "address",
        "internalType": "address"
      }
    ]
  },
  {
    "type": "error",
    "name": "GasExhausted",
    "inputs": [
      {
        "name": "allowance",
        "type": "uint256",
        "internalType": "uint256"
      }
    ]
  },
  {
    "type": "error",
    "name": "Healthy",
    "inputs": [
      {
        "name": "health",
        "type": "uint256",
        "internalType": "uint256"
      }
    ]
  },
  {
    "type": "error",
    "name": "HeldUntil",
    "inputs": [
      {
        "name": "readyAt",
        "type": "uint64",
        "internalType": "uint64"
      }
    ]
  },
  {
    "type": "error",
    "name": "InsufficientBalance",
    "inputs": [
      {
        "name": "balance",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "needed",
        "type": "uint256",
        "internalType": "uint256"
      }
    ]
  },
  {
    "type": "error",
    "name": "InsufficientGas",
    "inputs": [
      {
        "name": "left",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "needed",
        "type": "uint256",
        "internalType": "uint256"
      }
    ]
  },
  {
    "type": "error",
    "name": "LotBelowLeast",
    "inputs": [
      {
        "name": "lot",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "least",
        "type": "uint256",
        "internalType": "uint256"
      }
    ]
  },
  {
    "type": "error",
    "name": "LotTooSmall",
    "inputs": [
      {
        "name": "seized",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "maxAsk",
        "type": "uint256",
        "internalType": "uint256"
      }
    ]
  },
  {
    "type": "error",
    "name": "MalformedReport",
    "inputs": [
      {
        "name": "length",
        "type": "uint256",
        "internalType": "uint256"
      }
    ]
  },
  {
    "type": "error",
    "name": "NoVerdict",
    "inputs": [
      {
        "name": "orderId",
        "type": "bytes32",
        "internalType": "bytes32"
      },
      {
        "name": "state",
        "type": "uint8",
        "internalType": "enum OrderState"
      }
    ]
  },
  {
    "type": "error",
    "name": "NotASlot",
    "inputs": [
      {
        "name": "observedBlock",
        "type": "uint64",
        "internalType": "uint64"
      },
      {
        "name": "slot",
        "type": "uint32",
        "internalType": "uint32"
      }
    ]
  },
  {
    "type": "error",
    "name": "NotAnAddress",
    "inputs": [
      {
        "name": "sender",
        "type": "bytes32",
        "internalType": "bytes32"
      }
    ]
  },
  {
    "type": "error",
    "name": "NotExpiredYet",
    "inputs": [
      {
        "name": "expiresAt",
        "type": "uint64",
        "internalType": "uint64"
      }
    ]
  },
  {
    "type": "error",
    "name": "NotFlagged",
    "inputs": [
      {
        "name": "positionKey",
        "type": "bytes32",
        "internalType": "bytes32"
      }
    ]
  },
  {
    "type": "error",
    "name": "NotObserved",
    "inputs": [
      {
        "name": "observedBlock",
        "type": "uint64",
        "internalType": "uint64"
      }
    ]
  },
  {
    "type": "error",
    "name": "NotOnSale",
    "inputs": [
      {
        "name": "orderId",
        "type": "bytes32",
        "internalType": "bytes32"
      },
      {
        "name": "state",
        "type": "uint8",
        "internalType": "enum OrderState"
      }
    ]
  },
  {
    "type": "error",
    "name": "NotOpen",
    "inputs": [
      {
        "name": "orderId",
        "type": "bytes32",
        "internalType": "bytes32"
      },
      {
        "name": "state",
        "type": "uint8",
        "internalType": "enum OrderState"
      }
    ]
  },
  {
    "type": "error",
    "name": "NotTakeableYet",
    "inputs": [
      {
        "name": "takeableFrom",
        "type": "uint64",
        "internalType": "uint64"
      }
    ]
  },
  {
    "type": "error",
    "name": "NothingHeld",
    "inputs": [
      {
        "name": "orderId",
        "type": "bytes32",
        "internalType": "bytes32"
      }
    ]
  },
  {
    "type": "error",
    "name": "NothingToClaim",
    "inputs": [
      {
        "name": "token",
        "type": "address",
        "internalType": "address"
      },
      {
        "name": "account",
        "type": "address",
        "internalType": "address"
      }
    ]
  },
  {
    "type": "error",
    "name": "NothingToReturn",
    "inputs": [
      {
        "name": "positionKey",
        "type": "bytes32",
        "internalType": "bytes32"
      }
    ]
  },
  {
    "type": "error",
    "name": "OnlyItself",
    "inputs": []
  },
  {
    "type": "error",
    "name": "OnlyMailbox",
    "inputs": []
  },
  {
    "type": "error",
    "name": "OrderExists",
    "inputs": [
      {
        "name": "orderId",
        "type": "bytes32",
        "internalType": "bytes32"
      }
    ]
  },
  {
    "type": "error",
    "name": "OutsideWindow",
    "inputs": [
      {
        "name": "openBy",
        "type": "uint64",
        "internalType": "uint64"
      },
      {
        "name": "now_",
        "type": "uint256",
        "internalType": "uint256"
      }
    ]
  },
  {
    "type": "error",
    "name": "PaymentUnavailable",
    "inputs": [
      {
        "name": "balance",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "allowance",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "needed",
        "type": "uint256",
        "internalType": "uint256"
      }
    ]
  },
  {
    "type": "error",
    "name": "PositionTooLong",
    "inputs": [
      {
        "name": "length",
        "type": "uint256",
        "internalType": "uint256"
      }
    ]
  },
  {
    "type": "error",
    "name": "PriceAboveMost",
    "inputs": [
      {
        "name": "price",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "most",
        "type": "uint256",
        "internalType": "uint256"
      }
    ]
  },
  {
    "type": "error",
    "name": "QuoteRefused",
    "inputs": [
      {
        "name": "status",
        "type": "uint8",
        "internalType": "enum QuoteStatus"
      }
    ]
  },
  {
    "type": "error",
    "name": "ReentrancyGuardReentrantCall",
    "inputs": []
  },
  {
    "type": "error",
    "name": "RepaidCapExceeded",
    "inputs": [
      {
        "name": "used",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "cap",
        "type": "uint256",
        "internalType": "uint256"
      }
    ]
  },
  {
    "type": "error",
    "name": "RepaidTooLittle",
    "inputs": [
      {
        "name": "repaid",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "least",
        "type": "uint256",
        "internalType": "uint256"
      }
    ]
  },
  {
    "type": "error",
    "name": "RouteDisabled",
    "inputs": [
      {
        "name": "payDomain",
        "type": "uint32",
        "internalType": "uint32"
      }
    ]
  },
  {
    "type": "error",
    "name": "RulesChanged",
    "inputs": [
      {
        "name": "quoteBy",
        "type": "uint64",
        "internalType": "uint64"
      },
      {
        "name": "freshFrom",
        "type": "uint64",
        "internalType": "uint64"
      }
    ]
  },
  {
    "type": "error",
    "name": "StillUnhealthy",
    "inputs": [
      {
        "name": "health",
        "type": "uint256",
        "internalType": "uint256"
      }
    ]
  },
  {
    "type": "error",
    "name": "TooManyItems",
    "inputs": [
      {
        "name": "items",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "most",
        "type": "uint256",
        "internalType": "uint256"
      }
    ]
  },
  {
    "type": "error",
    "name": "UnexpectedAmount",
    "inputs": [
      {
        "name": "received",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "expected",
        "type": "uint256",
        "internalType": "uint256"
      }
    ]
  },
  {
    "type": "error",
    "name": "UnexpectedValue",
    "inputs": [
      {
        "name": "value",
        "type": "uint256",
        "internalType": "uint256"
      }
    ]
  },
  {
    "type": "error",
    "name": "WrongHome",
    "inputs": [
      {
        "name": "homeDomain",
        "type": "uint32",
        "internalType": "uint32"
      },
      {
        "name": "escrow",
        "type": "address",
        "internalType": "address"
      }
    ]
  },
  {
    "type": "error",
    "name": "WrongIntentCited",
    "inputs": [
      {
        "name": "index",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "cited",
        "type": "bytes32",
        "internalType": "bytes32"
      }
    ]
  },
  {
    "type": "error",
    "name": "WrongOpenBy",
    "inputs": [
      {
        "name": "got",
        "type": "uint64",
        "internalType": "uint64"
      },
      {
        "name": "expected",
        "type": "uint64",
        "internalType": "uint64"
      }
    ]
  },
  {
    "type": "error",
    "name": "WrongQuoteCount",
    "inputs": [
      {
        "name": "count",
        "type": "uint256",
        "internalType": "uint256"
      }
    ]
  },
  {
    "type": "error",
    "name": "WrongRound",
    "inputs": [
      {
        "name": "got",
        "type": "uint64",
        "internalType": "uint64"
      },
      {
        "name": "expected",
        "type": "uint64",
        "internalType": "uint64"
      }
    ]
  },
  {
    "type": "error",
    "name": "WrongTokens",
    "inputs": [
      {
        "name": "collateral",
        "type": "address",
        "internalType": "address"
      },
      {
        "name": "debt",
        "type": "address",
        "internalType": "address"
      }
    ]
  },
  {
    "type": "error",
    "name": "ZeroAddress",
    "inputs": []
  }
] as const;
