// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {TestToken} from "../../devnet/TestToken.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @notice A mock token that keeps 1 % of every transfer for itself.
contract FeeOnTransferToken is ERC20("Fee on transfer", "FOT") {
    function mint(address account, uint256 amount) external {
        _mint(account, amount);
    }

    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        if (from != address(0) && to != address(0)) super._update(to, address(this), amount / 100);
    }
}

/// @notice A mock token whose transfers can be refused for chosen recipients, in several ways.
contract MoodyToken is ERC20 {
    enum Mood {
        Willing,
        Reverting,
        ReturningFalse,
        ReturningTwo,
        ReturningShort,
        Bombing,
        BurningGas
    }

    uint8 private immutable _DECIMALS;
    mapping(address recipient => Mood) public moods;

    constructor(uint8 decimals_) ERC20("Moody", "MOOD") {
        _DECIMALS = decimals_;
    }

    function decimals() public view override returns (uint8) {
        return _DECIMALS;
    }

    function mint(address account, uint256 amount) external {
        _mint(account, amount);
    }

    function setMood(address recipient, Mood mood) external {
        moods[recipient] = mood;
    }

    function transfer(address to, uint256 amount) public virtual override returns (bool) {
        Mood mood = moods[to];
        if (mood == Mood.Reverting) revert("blacklisted");
        if (mood == Mood.ReturningFalse) return false;
        if (mood == Mood.ReturningTwo) {
            assembly {
                mstore(0, 2)
                return(0, 32)
            }
        }
        if (mood == Mood.ReturningShort) {
            assembly {
                mstore(0, not(0))
                return(0, 16)
            }
        }
        if (mood == Mood.Bombing) {
            assembly {
                revert(0, 100000)
            }
        }
        if (mood == Mood.BurningGas) {
            assembly {
                invalid() // all there is, at once: a loop would burn hours of long runs too
            }
        }
        return super.transfer(to, amount);
    }
}

/// @notice A mock token that its issuer stops for all accounts, in one of two ways, or that begins to keep 1 % of every
/// transfer.
contract StrikingToken is TestToken {
    enum Strike {
        None,
        Reverting,
        ReturningFalse,
        Charging
    }

    Strike public strike;

    constructor(uint8 decimals_) TestToken("Striking", "STRIKE", decimals_, msg.sender) {}

    function setStrike(Strike strike_) external {
        strike = strike_;
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        return _works() && super.transfer(to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        return _works() && super.transferFrom(from, to, amount);
    }

    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        bool charges = strike == Strike.Charging && from != address(0) && to != address(0);
        if (charges) super._update(to, address(this), amount / 100);
    }

    function _works() private view returns (bool) {
        if (strike == Strike.Reverting) revert("paused");
        return strike != Strike.ReturningFalse;
    }
}

/// @notice A mock token of the old kind: its transfers return nothing.
contract NoReturnToken {
    string public constant name = "No return";
    string public constant symbol = "NORET";
    uint8 public constant decimals = 6;

    uint256 public totalSupply;
    mapping(address account => uint256) public balanceOf;
    mapping(address owner => mapping(address spender => uint256)) public allowance;

    function mint(address account, uint256 amount) external {
        totalSupply += amount;
        balanceOf[account] += amount;
    }

    function approve(address spender, uint256 amount) external {
        allowance[msg.sender][spender] = amount;
    }

    function transfer(address to, uint256 amount) external {
        _move(msg.sender, to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) external {
        allowance[from][msg.sender] -= amount;
        _move(from, to, amount);
    }

    function _move(address from, address to, uint256 amount) private {
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
    }
}

/// @notice A mock token that calls back during transfers, as a hostile order could name one.
contract ReentrantToken is ERC20("Reentrant", "REENTER") {
    address public target;
    bytes public data;
    bool public reentered;
    bytes public answer;

    function mint(address account, uint256 amount) external {
        _mint(account, amount);
    }

    function setCallback(address target_, bytes calldata data_) external {
        (target, data) = (target_, data_);
    }

    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        if (target != address(0)) (reentered, answer) = target.call(data);
    }
}
