// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title A token of any decimals that its owner mints.
/// @notice For local networks and tests only: the same dollar can have 6 decimals on one chain and 18 on another.
contract TestToken is ERC20, Ownable {
    uint8 private immutable DECIMALS;

    /// @param name_ Name shown to people.
    /// @param symbol_ Ticker.
    /// @param decimals_ Decimals of one whole token.
    /// @param owner_ The only account that can mint.
    constructor(string memory name_, string memory symbol_, uint8 decimals_, address owner_)
        ERC20(name_, symbol_)
        Ownable(owner_)
    {
        DECIMALS = decimals_;
    }

    /// @notice Creates tokens. Owner only.
    /// @param account Receives them.
    /// @param amount In token units.
    function mint(address account, uint256 amount) external onlyOwner {
        _mint(account, amount);
    }

    /// @inheritdoc ERC20
    function decimals() public view override returns (uint8) {
        return DECIMALS;
    }
}
